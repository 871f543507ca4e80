"""Log-odds shifted together until their probabilities add up to a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dechaff.typing import Numbers

_FARTHEST = 60.0


def level_shift(
    log_odds: Numbers,
    total: float,
    *,
    weights: Numbers | None = None,
    probability: Callable[[Numbers], Any] | None = None,
) -> float:
    """The shift of all log-odds at which the probabilities add up to a total.

    Parameters
    ----------
    log_odds : (n,) float
    total : float from 0 to n, or to the sum of the weights
    weights : (n,) float, at least 0
        How often each row counts; None = once.
    probability : increasing function of log-odds, from 0 to 1
        None = the logistic function.

    Returns
    -------
    float
        At most 60 either way.

    Examples
    --------
    >>> round(level_shift(np.zeros(100), 60), 2)
    0.41
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    if not len(log_odds):
        return 0.0
    counts = np.ones(len(log_odds)) if weights is None else weights
    wanted = float(np.clip(total / counts.sum(), 1e-6, 1 - 1e-6) * counts.sum())
    chance = probability or expit

    def excess(shift: float) -> float:
        return float(counts @ chance(log_odds + shift)) - wanted

    if excess(-_FARTHEST) >= 0:
        return -_FARTHEST
    if excess(_FARTHEST) <= 0:
        return _FARTHEST
    return float(brentq(excess, -_FARTHEST, _FARTHEST))
