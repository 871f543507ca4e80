"""scikit-learn estimators that learn from data in which something is wrong or missing."""
