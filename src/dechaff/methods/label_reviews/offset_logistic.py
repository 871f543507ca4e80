"""Logistic regression on top of log-odds that are known, with a ridge for each coefficient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import Numbers

_MOST_ROUNDS = 30
_SETTLED = 1e-5
_LONGEST_STEP = 3.0
_LEAST_WEIGHT = 1e-9

Matrix = npt.NDArray[np.float64]


def fit_offset_logistic(
    columns: Matrix, offset: Numbers, truth: Numbers, ridge: Matrix, *, start: Matrix | None = None
) -> Matrix:
    """Coefficients by Newton's method, with steps cut where separable data would send them far.

    Parameters
    ----------
    columns : (n, p) float
    offset : (n,) float
        Log-odds without any correction.
    truth : (n,) float, 0 or 1
    ridge : (p,) float above 0
        Inverse variance of the normal prior of each coefficient.
    start : (p,) float
        Where to begin, such as at a fit to almost the same rows.

    Returns
    -------
    (p,) float

    Source
    ------
    le Cessie, van Houwelingen (1992), Applied Statistics 41.

    Examples
    --------
    >>> fit_offset_logistic(np.ones((4, 1)), np.zeros(4), np.array([1.0, 1, 1, 0]), np.array([1e-9])).round(3)
    array([1.099])
    """
    fitted = np.zeros(columns.shape[1]) if start is None else start
    for _ in range(_MOST_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(offset + columns @ fitted, -500, 500)))
        slope = columns.T @ (truth - chance) - ridge * fitted
        bend = (columns.T * np.maximum(chance * (1 - chance), _LEAST_WEIGHT)) @ columns + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        longest = float(np.abs(step).max())
        fitted = fitted + step * min(1.0, _LONGEST_STEP / max(longest, _SETTLED))
        if longest <= _SETTLED:
            break
    return fitted


def log_likelihood(log_odds: Numbers, truth: Numbers) -> Numbers:
    """Of each verdict, if these are the log-odds of 1."""
    return np.asarray(-np.logaddexp(0.0, np.where(truth > 0, -log_odds, log_odds)))
