"""Learners in scikit-learn's form, from data of which something is wrong or missing."""
