"""How good a classifier is, from labelled positives and unlabelled rows alone; one file a metric.

All assume that positives are labelled at random and know c, the chance that a positive is labelled. They are estimates:
right on average, also on average over folds, so chance may carry one above 1. One that stays well above 1 says that c
is too low. The rows must not have been learnt from.
"""
