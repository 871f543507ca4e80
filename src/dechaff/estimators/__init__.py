"""Where estimators in scikit-learn's form go; there are none yet."""
