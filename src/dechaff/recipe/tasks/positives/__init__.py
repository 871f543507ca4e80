"""Labelled positives and unlabelled rows: what is positive, how many, and what may be wrong."""
