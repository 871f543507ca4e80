"""Outliers, by the distance to the nearest rows or by the entropy of the predicted probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Numbers, Probs, Score


def generalised_entropy(probs: Probs, *, most: int = 100, power: float = 0.1) -> Score:
    """Sum of ``(p (1 - p)) ** power`` over the most probable classes of each row, divided by their number at most.

    A small power makes the difference between a probability of a thousandth and a millionth count, which plain entropy
    does not see.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.
    most : number of classes that count, the most probable ones.
    power : from 0 to 1

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    Liu, Lochman, Zach (2023), GEN: pushing the limits of softmax-based out-of-distribution detection, CVPR, equation 3.
    Differs: divided by `most`, so that it stays in [0, 1].

    Examples
    --------
    >>> generalised_entropy(np.array([[1.0, 0.0], [0.5, 0.5]]), most=2).round(3)
    array([0.   , 0.871])
    """
    leading = np.partition(probs, -min(most, probs.shape[1]), axis=1)[:, -most:]
    clipped = np.clip(leading, 0.0, 1.0)  # rows may sum to a little more than one
    return np.asarray(((clipped * (1 - clipped)) ** power).sum(axis=1) / most)


_TINY = 1e-300


def prediction_entropy(probs: Probs) -> Score:
    """Entropy of each row's probabilities, as a fraction of the largest possible.

    Parameters and result as in `generalised_entropy`.

    Source
    ------
    Shannon (1948); as a score of unfamiliar rows Hendrycks, Gimpel (2017), ICLR.

    Examples
    --------
    >>> prediction_entropy(np.array([[1.0, 0.0], [0.9, 0.1], [0.5, 0.5]])).round(3)
    array([0.   , 0.469, 1.   ])
    """
    entropy = -(probs * np.log(np.maximum(probs, _TINY))).sum(axis=1)
    return np.asarray(np.maximum(entropy / np.log(max(probs.shape[1], 2)), 0.0))  # of one class there is no doubt


ROUNDING = 1.5e-7
"""Mean distances below it are what rounding leaves of copies: the root of 100 times the smallest step of doubles."""


def distance_doubt(distance: Numbers, *, usual: float, sharpness: float = 1.0) -> Score:
    """Doubt that a row belongs to the others, from its mean distance to the nearest of them.

    Parameters
    ----------
    distance : (n,) float, at least 0
        Mean distance to the k nearest rows.
    usual : such a distance in the middle of the data, such as the median of the training rows
    sharpness : how fast the doubt grows with the distance.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first; .63 at the usual distance; 0 for rows with k copies.

    Source
    ------
    Angiulli, Pizzuti (2002), Fast outlier detection in high dimensional spaces, PKDD, the mean instead of the sum;
    Kuan, Mueller (2022), Back to the basics, arXiv 2207.03061, for the scale.

    Examples
    --------
    >>> distance_doubt(np.array([0.0, 1.0, 5.0]), usual=1.0).round(3)
    array([0.   , 0.632, 0.993])
    """
    scaled = np.divide(distance, usual, out=np.full(distance.shape, np.inf), where=np.full(distance.shape, usual > 0))
    return np.asarray(np.where(distance < ROUNDING, 0.0, -np.expm1(-sharpness * scaled)))


def usual_distance(distance: npt.NDArray[np.float64]) -> float:
    """The median; 0 if there are no rows."""
    return float(np.median(distance)) if len(distance) else 0.0
