"""Numbers far from all others of their column, such as an age of 312."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.typing import Numbers

MIN_DISTINCT = 20
"""With fewer different values, none is an outlier."""
FAR, FAR_IN_LOGS = 2.0, 0.75
"""Distance to the nearest other value in ranges of all others, on both scales: heavy tails have long gaps on one."""
MOST = 3
"""Different values at each end that can be far from the others; more are a part of the distribution."""


@dataclass(frozen=True)
class FarNumber:
    """A value, how many cells hold it, and the lowest and highest of the values that are not far."""

    value: float
    count: int
    low: float
    high: float


def far_numbers(values: Numbers) -> tuple[FarNumber, ...]:
    """Values that are much further from all others than these are from each other, lowest first.

    Values of one sign are compared on a logarithmic scale as well, so that the largest incomes are not flagged.

    Parameters
    ----------
    values : (n,) float, NaN if missing

    Returns
    -------
    tuple of FarNumber

    Source
    ------
    Dixon (1950), ratio of the gap to the range, with the range of the others as denominator. Own thresholds.

    Examples
    --------
    >>> ages = np.concatenate([np.arange(18.0, 80.0), [312.0, 312.0]])
    >>> [(found.value, found.count) for found in far_numbers(ages)]
    [(312.0, 2)]
    >>> far_numbers(np.random.default_rng(0).lognormal(10, 1, 500))
    ()
    """
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    inner = _inner(distinct)
    low, high = (float(distinct[inner][end]) for end in (0, -1)) if inner.stop > inner.start else (0.0, 0.0)
    outside = [*range(inner.start), *range(inner.stop, len(distinct))]
    return tuple(FarNumber(float(distinct[at]), int(counts[at]), low, high) for at in outside)


def _inner(distinct: Numbers) -> slice:
    """The stretch of the sorted values that none of the far ones is in."""
    start, stop = 0, len(distinct)
    if stop < MIN_DISTINCT:
        return slice(start, stop)
    for cut in range(1, MOST + 1):
        # The other end may hold outliers of its own, which would stretch the range.
        if _is_far(distinct[-cut] - distinct[-cut - 1], distinct[MOST : len(distinct) - cut], distinct[-cut]):
            stop = len(distinct) - cut
    for cut in range(1, MOST + 1):
        if _is_far(distinct[cut] - distinct[cut - 1], distinct[cut:stop], distinct[cut - 1]):
            start = cut
    return slice(start, stop)


def _is_far(gap: float, others: Numbers, value: float) -> bool:
    """Whether a value beyond one end of the sorted others is far from them."""
    if gap < FAR * (others[-1] - others[0]):
        return False
    if min(others[0], value) <= 0:
        return True
    logs = np.log(others)
    nearest = logs[-1] if value > others[-1] else logs[0]
    return bool(abs(np.log(value) - nearest) >= FAR_IN_LOGS * (logs[-1] - logs[0]))
