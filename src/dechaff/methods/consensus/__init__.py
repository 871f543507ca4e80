"""Consensus labels from several annotators, none of whom is always right."""
