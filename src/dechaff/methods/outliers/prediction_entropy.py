"""Rows of which a model does not know what they are."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Probs, Score

_TINY = 1e-300


def prediction_entropy(probs: Probs) -> Score:
    """Entropy of each row's probabilities, as a share of the largest possible.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

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
