"""Classifiers from labelled positives and unlabelled rows, in scikit-learn's form."""
