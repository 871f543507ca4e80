"""Improve: labels that cannot be trusted, and a decision about every row."""
