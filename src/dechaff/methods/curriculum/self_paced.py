"""Weights of self-paced learning: rows count by their loss, against a threshold that grows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dechaff.typing import Numbers

RowWeights = Callable[[Numbers, float], Numbers]
"""``weights(hardness, threshold) -> (n,)``, in [0, 1]."""


def hard_weights(hardness: Numbers, threshold: float) -> Numbers:
    """1 for rows up to the threshold, 0 for the others.

    Parameters
    ----------
    hardness : (n,) float, 0 or more
        In self-paced learning, the current losses.
    threshold : float
        The paper's 1 / K, or lambda; infinite if all rows count.

    Returns
    -------
    (n,) float

    Source
    ------
    Kumar, Packer, Koller (2010), Self-paced learning for latent variable models, NeurIPS, equation 3.

    Examples
    --------
    >>> hard_weights(np.array([0.0, 0.5, 2.0]), 1.0)
    array([1., 1., 0.])
    """
    return np.asarray(hardness <= threshold, dtype=np.float64)


def soft_weights(hardness: Numbers, threshold: float) -> Numbers:
    """``max(0, 1 - loss / threshold)``: the weight falls with the loss.

    Parameters and result as in `hard_weights`. Rows of equal loss at the threshold count fully.

    Source
    ------
    Jiang, Meng, Yu, Lan, Shan, Hauptmann (2014), Self-paced learning with diversity, and Jiang, Meng, Zhao, Shan,
    Hauptmann (2015), Self-paced curriculum learning, AAAI: linear soft weighting.

    Examples
    --------
    >>> soft_weights(np.array([0.0, 0.5, 2.0]), 1.0)
    array([1. , 0.5, 0. ])
    """
    if not hardness.min(initial=np.inf) < threshold or np.isinf(threshold):
        return hard_weights(hardness, threshold)
    return np.maximum(0.0, 1 - hardness / threshold)
