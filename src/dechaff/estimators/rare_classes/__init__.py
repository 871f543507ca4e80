"""Classifiers for rare classes."""
