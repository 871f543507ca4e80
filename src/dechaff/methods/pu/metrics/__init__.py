"""Metrics from labelled positives and unlabelled rows alone: `rates` of predictions, `curves` of scores.

They assume that positives are labelled at random and that c, the probability that a positive is labelled, is known.
They are unbiased estimates, also as a mean over folds, so one of them may exceed 1 by chance; one that stays well
above 1 means that c is too low. Rows must not have been used in training.
"""
