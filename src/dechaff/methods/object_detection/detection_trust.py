"""How far a detector's confidence can be trusted, measured against labels some of which are missing."""

from __future__ import annotations

import numpy as np
from scipy.optimize import isotonic_regression

from dechaff.typing import Mask, Score


def detection_trust(confidence: Score, matched: Mask) -> Score:
    """Probability that each detection is an object of its class.

    Labelled objects are a part of all objects, so that matched and unmatched detections are positive and unlabelled
    ones. The fraction of matched detections, rising with the confidence, is divided by its largest value: the most
    certain detections are taken to be objects, and where some of those have no label, labels are missing. An
    over-confident detector loses trust, and a timid one gains it. Fails if even the most certain detections are
    often wrong.

    Parameters
    ----------
    confidence : (n,) float
        Of the detections.
    matched : (n,) bool
        Whether a label of the same class is in the same place.

    Returns
    -------
    (n,) float in [0, 1]

    Source
    ------
    Elkan, Noto (2008), KDD, equation 1 and estimator e3, the fraction by isotonic regression (Zadrozny, Elkan 2002).
    Differs: one detection of either kind is added at each end, so that a few detections are not trusted blindly.

    Examples
    --------
    >>> detection_trust(np.array([0.9, 0.9, 0.9, 0.9, 0.2, 0.2]), np.array([1, 1, 1, 1, 0, 0], dtype=bool)).round(2)
    array([1. , 1. , 1. , 1. , 0.3, 0.3])
    """
    levels, place = np.unique(confidence, return_inverse=True)
    if not len(levels):
        return np.zeros(0)
    hits, size = np.bincount(place, matched).astype(np.float64), np.bincount(place).astype(np.float64)
    # Both ends count one more detection of each kind.
    for end in (0, -1):
        hits[end], size[end] = hits[end] + 1, size[end] + 2
    fraction = isotonic_regression(hits / size, weights=size).x
    return np.asarray((fraction / fraction.max())[place])
