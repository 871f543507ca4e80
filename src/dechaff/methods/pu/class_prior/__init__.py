"""Estimators of c, the probability that a positive is labelled; fractions and priors follow by `scheme`."""
