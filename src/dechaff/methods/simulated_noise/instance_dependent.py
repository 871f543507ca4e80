"""Noise by row: labels become wrong as the features of a row say."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Features, Labels

_SPREAD = 0.1


def instance_dependent_labels(
    labels: Labels, features: Features, *, rate: float, n_classes: int, rng: np.random.Generator
) -> Labels:
    """Labels of which about `rate` are wrong, and for which other class depends on the features.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        True labels.
    features : (n, d) float
        Standardised.
    rate : float from 0 to 1
        Mean probability that a label is wrong; that of a row is normal around it, with a standard deviation of .1.
    n_classes : int
    rng : Generator
        Decides the probabilities, the directions and the draws.

    Returns
    -------
    (n,) int

    Source
    ------
    Xia, Liu, Han, Wang, Gong, Liu, Niu, Tao, Sugiyama (2020), NeurIPS, algorithm 2 (part-dependent noise). Differs: the
    directions are divided by the square root of d, so that many features do not make all rows of a class alike.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true, features = rng.integers(3, size=1000), rng.normal(size=(1000, 5))
    >>> given = instance_dependent_labels(true, features, rate=0.3, n_classes=3, rng=rng)
    >>> round(float((given != true).mean()), 1)
    0.3
    """
    rows = np.arange(len(labels))
    flip = np.clip(rng.normal(rate, _SPREAD if rate > 0 else 0.0, len(labels)), 0, 1)
    directions = rng.normal(size=(n_classes, features.shape[1], n_classes)) / np.sqrt(features.shape[1])
    scores = np.empty((len(labels), n_classes))
    for code in range(n_classes):
        scores[labels == code] = features[labels == code] @ directions[code]
    scores[rows, labels] = -np.inf
    others = np.exp(scores - scores.max(axis=1, keepdims=True))
    others *= (flip / others.sum(axis=1))[:, None]
    others[rows, labels] = 1 - flip
    below = rng.random(len(labels))[:, None] > others.cumsum(axis=1)
    return np.asarray(np.minimum(below.sum(axis=1), n_classes - 1))
