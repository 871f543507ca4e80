"""Baseline: out-of-sample probabilities of every row, and whether they can judge labels."""
