"""Classifiers that find and treat wrong labels before they learn, in scikit-learn's form."""
