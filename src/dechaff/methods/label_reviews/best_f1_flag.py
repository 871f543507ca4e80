"""The set of rows to flag: as many of the highest scores as are expected to give the best F1."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Mask, Numbers

LEAST_SCORE = 0.25
"""Rows that are right three times of four are not flagged, even where nothing better would be left to flag."""


def best_f1_flag(log_odds: Numbers) -> Mask:
    """The rows down to the score at which the expected F1 of the flagged set is highest.

    With m rows flagged, of which S_m are expected to be wrong, and S wrong rows in all, F1 is about
    ``2 S_m / (m + S)``. Good where the scores are calibrated, as reviews make them.

    Parameters
    ----------
    log_odds : (n,) float
        Of being wrong.

    Returns
    -------
    (n,) bool
        Ties with the last flagged row are flagged, too; scores below one quarter never are.

    Source
    ------
    Lipton, Elkan, Naryanaswamy (2014), ECML, plug-in F1.

    Examples
    --------
    >>> import numpy as np
    >>> best_f1_flag(np.array([3.0, 1.0, -0.5, -4.0, -5.0]))
    array([ True,  True, False, False, False])
    """
    from scipy.special import expit

    if not len(log_odds):
        return np.zeros(0, dtype=bool)
    ordered = np.sort(log_odds)[::-1]
    found = np.cumsum(expit(ordered))
    f1 = 2 * found / (np.arange(1, len(found) + 1) + found[-1])
    return np.asarray((log_odds >= ordered[int(f1.argmax())]) & (expit(log_odds) >= LEAST_SCORE))
