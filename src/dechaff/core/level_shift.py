"""Log-odds moved together until their probabilities add up to a number."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Numbers

_FARTHEST = 30.0


def level_shift(log_odds: Numbers, errors: float) -> float:
    """The shift of all log-odds at which the probabilities add up to a number of errors.

    Parameters
    ----------
    log_odds : (n,) float
    errors : number of errors, from 0 to n.

    Returns
    -------
    float
        At most 30 either way.

    Examples
    --------
    >>> round(level_shift(np.zeros(100), 60), 2)
    0.41
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    if not len(log_odds):
        return 0.0
    wanted = float(np.clip(errors, 1e-6 * len(log_odds), (1 - 1e-6) * len(log_odds)))

    def excess(shift: float) -> float:
        return float(expit(log_odds + shift).sum()) - wanted

    if excess(-_FARTHEST) >= 0:
        return -_FARTHEST
    if excess(_FARTHEST) <= 0:
        return _FARTHEST
    return float(brentq(excess, -_FARTHEST, _FARTHEST, xtol=1e-4))
