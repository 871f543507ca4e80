"""Baselines by modality: columns to numbers without labels, numbers to probabilities, folds around them."""
