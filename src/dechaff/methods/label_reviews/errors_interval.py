"""How many of a set of rows are wrong, from a stratified sample of them: an interval that holds what it promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError

_KNOTS = 1000
"""Numbers of wrong rows that are tried for one band; between two of them the answer is rounded outwards."""

Counts = npt.NDArray[np.int64]


def errors_interval(rows: Counts, reviewed: Counts, wrong: Counts, *, coverage: float = 0.95) -> tuple[float, float]:
    """Least and most rows that can be wrong, given what was found in a random sample of each band.

    For each band, the chance of finding as few wrong rows as were found falls as more are supposed to be wrong. The
    chances of all bands are multiplied, and the largest total whose product is not yet too small is the upper end;
    the lower end is the same for rows that are right. No approximation: the sample is drawn from finitely many rows,
    without replacement, and a band that was read in full adds no doubt.

    Parameters
    ----------
    rows : (h,) int
        Number of rows of each band.
    reviewed : (h,) int
        How many of them were drawn at random and read.
    wrong : (h,) int
        How many of those were wrong.
    coverage : chance, at least, that the interval holds the number.

    Returns
    -------
    (low, high)
        Numbers of rows of all bands together.

    Raises
    ------
    InputError
        Where more rows were reviewed than there are, or more are wrong than were reviewed.

    Source
    ------
    Fisher (1932), Statistical Methods for Research Workers, combination of tests, of hypergeometric tails, maximised
    over the bands as in Ottoboni, Stark, Lindeman, McBurnett (2018), SUITE. One band: Buonaccorsi (1987), The
    American Statistician 41.

    Examples
    --------
    Of 100 flagged rows 20 were read, of which 15 were wrong; of 50 others all, of which 1 was:

    >>> errors_interval(np.array([100, 50]), np.array([20, 50]), np.array([15, 1]))
    (55.0, 91.0)
    """
    check_same_length(rows=rows, reviewed=reviewed, wrong=wrong)
    if ((wrong < 0) | (wrong > reviewed) | (reviewed > rows)).any():
        band = int(np.flatnonzero((wrong < 0) | (wrong > reviewed) | (reviewed > rows))[0])
        raise InputError(
            "the reviews of a band",
            "count no more wrong rows than reviewed ones, and no more of those than rows",
            f"{wrong[band]} wrong of {reviewed[band]} reviewed of {rows[band]} rows in band {band}",
            "Count each row once.",
        )
    most_right = _most(rows, reviewed, reviewed - wrong, (1 - coverage) / 2)
    return float(rows.sum() - most_right), float(_most(rows, reviewed, wrong, (1 - coverage) / 2))


def _most(rows: Counts, reviewed: Counts, found: Counts, level: float) -> int:
    """The largest total for which Fisher's sum stays below its quantile: the cheapest steps first."""
    from scipy.stats import chi2

    unread = rows - reviewed
    sampled = (reviewed > 0) & (unread > 0)
    free = int(unread[reviewed == 0].sum())  # nothing is known of a band that was not read
    steps, costs, rounding = [], [], 0
    for band in np.flatnonzero(sampled):
        knots = np.unique(np.linspace(0, unread[band], min(_KNOTS, int(unread[band])) + 1).round()).astype(np.int64)
        doubt = -2 * _log_chance(int(rows[band]), int(reviewed[band]), int(found[band]), knots)
        steps.append(np.diff(knots))
        costs.append(np.diff(doubt))
        rounding += int(np.diff(knots).max()) - 1
    if not steps:
        return int(found.sum()) + free
    budget = float(chi2.isf(level, 2 * int(sampled.sum())))
    more = _most_steps(np.concatenate(steps), np.concatenate(costs), budget) + rounding
    return int(found.sum()) + free + min(more, int(unread[sampled].sum()))


def _most_steps(steps: Counts, costs: npt.NDArray[np.float64], budget: float) -> int:
    """How many rows can be added within the budget. Sorting steps by cost can only widen the interval."""
    order = np.argsort(costs / steps, kind="stable")
    spent = np.cumsum(costs[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    taken = int(steps[order][:whole].sum())
    if whole == len(order):
        return taken
    left = budget - (spent[whole - 1] if whole else 0.0)
    return taken + int(steps[order][whole] * left / costs[order][whole])


def _log_chance(rows: int, reviewed: int, found: int, more: Counts) -> npt.NDArray[np.float64]:
    """Log-chance of at most `found` in the sample, if `found + more` of the rows are so."""
    wrong = (found + more)[:, None]
    drawn = np.arange(found + 1)[None, :]
    ways = _log_choose(wrong, drawn) + _log_choose(rows - wrong, reviewed - drawn)
    log_chances = ways - _log_choose(np.array(rows), np.array(reviewed))
    top = log_chances.max(axis=1, keepdims=True)
    sums = np.log(np.exp(log_chances - top).sum(axis=1)) + top[:, 0]
    return np.asarray(np.minimum.accumulate(np.minimum(sums, 0.0)))


def _log_choose(n: npt.NDArray[Any], k: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    from scipy.special import gammaln

    possible = (k >= 0) & (k <= n)
    n, k = np.where(possible, n, 0), np.where(possible, k, 0)
    return np.where(possible, gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), -np.inf)
