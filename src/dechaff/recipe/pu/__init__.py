"""The recipe for labelled positives and unlabelled rows: what is positive, how many, and what may be wrong."""
