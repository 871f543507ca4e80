"""Numbers and dates that stand for 'nothing': codes such as -999, and values that cannot be."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from dechaff.methods.cells.stand_in_texts import StandIn
from dechaff.typing import Numbers

MIN_DISTINCT = 10
"""Fewer values are categories in the guise of numbers; nothing stands apart from them."""
PEELED = 3
"""How many codes are looked for at each end: -999 hides -99."""
FAR, VERY_FAR = 1.0, 2.0
"""Distance to the nearest other value: for codes in spreads of the others (5 % to 95 %); for any other repeated value
in their whole ranges, because heavy tails reach far."""
ZERO_GAP, ZERO_MOST = 0.2, 0.4
"""Zero is impossible where all others stay above a fifth of their median; and it is no amount where it is rare."""

_CODE = re.compile(r"-?(99+|777+|888+)(\.0)?")
_STOCK_DATES = ((1, 1, 1), (1753, 1, 1), (1800, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1970, 1, 1))
_LAST_DATES = ((2099, 12, 31), (2999, 12, 31), (9999, 12, 31))
_YEAR = 365.25 * 86400


def stand_in_numbers(values: Numbers) -> tuple[StandIn, ...]:
    """Values of a numeric column that probably mean 'nothing', lowest first.

    A code repeats exactly and stands apart from the rest: one made of nines far outside, any other repeated
    value very far outside, -1 as the only negative value and far more frequent than its neighbours, 0 where all other
    values stay well above it. A value that lies where values are to be expected is never named, whatever it is.

    Parameters
    ----------
    values : (n,) float, NaN where missing

    Returns
    -------
    tuple of StandIn

    Source
    ------
    After Qahtan et al. (2018), FAHES: repeated values that are outliers of the column. Thresholds are our own.

    Examples
    --------
    >>> heights = np.concatenate([np.linspace(150, 200, 60), [-999, -999, -999]])
    >>> [(found.value, found.count) for found in stand_in_numbers(heights)]
    [('-999', 3)]
    """
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    found: list[StandIn] = []
    for _ in range(PEELED):
        if len(distinct) <= MIN_DISTINCT:
            break
        for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            value, count = float(distinct[end]), int(counts[end])
            with np.errstate(over="ignore"):  # the range of a column may be larger than the largest number
                stand_in = _stand_in(value, count, distinct[rest], counts[rest])
            if stand_in is not None:
                found.append(stand_in)
                distinct, counts = distinct[rest], counts[rest]
    return tuple(sorted(found, key=lambda one: float(one.value)))


def stand_in_dates(seconds: Numbers) -> tuple[StandIn, ...]:
    """Stock dates such as 1900-01-01 that repeat, and lie more than a year outside all other dates.

    Parameters
    ----------
    seconds : (n,) float, seconds since 1970; NaN where missing

    Returns
    -------
    tuple of StandIn

    Examples
    --------
    >>> seconds = np.concatenate([np.arange(1.6e9, 1.7e9, 1e7), [-2208988800.0] * 2])
    >>> [(found.value, found.count) for found in stand_in_dates(seconds)]
    [('1900-01-01', 2)]
    """
    known = seconds[np.isfinite(seconds)]
    days = np.floor(known / 86400)
    stock = np.array([datetime(*date, tzinfo=UTC).timestamp() // 86400 for date in _STOCK_DATES + _LAST_DATES])
    others = known[~np.isin(days, stock)]
    found = []
    for date, day in zip(_STOCK_DATES + _LAST_DATES, stock, strict=True):
        count = int((days == day).sum())
        outside = len(others) > 0 and not others.min() - _YEAR <= day * 86400 <= others.max() + _YEAR
        if count > 1 and outside:
            value = f"{date[0]:04}-{date[1]:02}-{date[2]:02}"
            found.append(
                StandIn(value, count, 0.9, "is a date that programs write for 'nothing'; all others are far away")
            )
    return tuple(found)


def _stand_in(value: float, count: int, rest: Numbers, counts: npt.NDArray[np.int64]) -> StandIn | None:
    """Whether the lowest or highest value is a code, judged by all the others."""
    if count < 2:
        return None
    gap = float(np.abs(rest - value).min())
    spread = _spread(rest, counts)
    name = f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"
    if _CODE.fullmatch(name) and gap >= FAR * spread:
        return StandIn(name, count, 0.9, f"is a code made of equal digits, far from all other values ({_range(rest)})")
    if value == -1 and rest.min() >= 0 and count > 2 * counts[rest <= 2].max(initial=1):
        return StandIn(name, count, 0.6, f"is the only negative value, and a frequent one (others: {_range(rest)})")
    if value == 0 and _zero_is_impossible(count, rest, counts):
        return StandIn(name, count, 0.5, f"stands apart from all other values ({_range(rest)})")
    if count >= 3 and gap >= VERY_FAR * float(rest.max() - rest.min()):
        return StandIn(name, count, 0.7, f"repeats exactly, very far from all other values ({_range(rest)})")
    return None


def _zero_is_impossible(count: int, rest: Numbers, counts: npt.NDArray[np.int64]) -> bool:
    few = count <= ZERO_MOST * (count + counts.sum())
    many_others = len(rest) >= 2 * MIN_DISTINCT
    return bool(few and many_others and rest.min() >= ZERO_GAP * _quantile(rest, counts, 0.5))


def _spread(rest: Numbers, counts: npt.NDArray[np.int64]) -> float:
    spread = _quantile(rest, counts, 0.95) - _quantile(rest, counts, 0.05)
    return spread if spread > 0 else float(rest.max() - rest.min())


def _quantile(rest: Numbers, counts: npt.NDArray[np.int64], share: float) -> float:
    return float(rest[np.searchsorted(np.cumsum(counts), share * counts.sum())])


def _range(rest: Numbers) -> str:
    return f"{rest.min():g} to {rest.max():g}"
