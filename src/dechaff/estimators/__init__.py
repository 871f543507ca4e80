"""Estimators in scikit-learn's form."""
