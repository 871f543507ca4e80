"""Estimators of c, the probability that a positive is labelled; fractions and priors follow by `scheme`.

Most estimate it from binned scores of a model. `kernel_mean` and `tice` use features instead; nothing uses them by
default, they are here for comparison, and are imported from their own modules.
"""
