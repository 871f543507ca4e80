"""Agreement of two raters beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.core.intervals import Z_95, wilson_interval


def cohen_kappa(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[float, float, float]:
    """Cohen's kappa of two raters, with its 95 % interval.

    Parameters
    ----------
    first, second : (n,) verdicts of each on the same items.

    Returns
    -------
    (kappa, low, high)
        From -1 to 1. NaN for no items, or if both always gave one and the same verdict: chance then agrees as well.

    Raises
    ------
    InputError
        If the lengths differ.

    Source
    ------
    Cohen (1960), Educational and Psychological Measurement 20; Fleiss, Cohen, Everitt (1969), Psychological Bulletin
    72, equation 13, for the standard error. If the raters always agree, or never, that is 0 however few the items;
    the interval is then Wilson's of the agreement, with the agreement by chance as it is.

    Examples
    --------
    >>> one, other = np.repeat([0, 0, 1, 1], [40, 10, 5, 45]), np.repeat([0, 1, 0, 1], [40, 10, 5, 45])
    >>> [round(value, 2) for value in cohen_kappa(one, other)]
    [0.7, 0.56, 0.84]
    """
    check_same_length(first=first, second=second)
    if not len(first):
        return float("nan"), float("nan"), float("nan")
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    k, n = len(names), len(first)
    shares = np.bincount(codes[:n] * k + codes[n:], minlength=k * k).reshape(k, k) / n
    rows, columns, same = shares.sum(axis=1), shares.sum(axis=0), np.diag(shares)
    observed, expected = float((first == second).mean()), float(rows @ columns)
    if expected >= 1:
        return float("nan"), float("nan"), float("nan")
    if observed in (0.0, 1.0):
        low, high = ((float(bound) - expected) / (1 - expected) for bound in wilson_interval(observed, n))
        return (observed - expected) / (1 - expected), max(-1.0, low), min(1.0, high)
    kappa = (observed - expected) / (1 - expected)
    on = (same * ((1 - expected) - (rows + columns) * (1 - observed)) ** 2).sum()
    weights = (columns[:, None] + rows[None, :]) ** 2
    off = (1 - observed) ** 2 * ((shares - np.diag(same)) * weights).sum()
    rest = (observed * expected - 2 * expected + observed) ** 2
    spread = Z_95 * float(np.sqrt(max(on + off - rest, 0.0) / n)) / (1 - expected) ** 2
    return kappa, max(-1.0, kappa - spread), min(1.0, kappa + spread)
