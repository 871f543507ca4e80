"""Baseline models by modality: encoders (columns to numbers, without labels), learners, and cross-validation."""
