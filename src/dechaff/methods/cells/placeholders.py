"""Disguised missing values: words, codes and dates used for a missing value, such as N/A, -999 and 1900-01-01."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from dechaff.core.distinct import Distinct
from dechaff.typing import Numbers

MARKS = ("?", "??", "???", "-", "--", "---", ".", "..", "n/a", "#n/a", "n.a.", "n.a", "<na>", "nan", "0000-00-00")
NULLS = ("null", "(null)", "[null]", "<null>", "#null!", "\\n", "(blank)", "tbd", "tba")
WORDS = (
    "missing",
    "undefined",
    "unspecified",
    "not available",
    "not applicable",
    "no data",
    "not known",
    "not specified",
)
SURE = frozenset((*MARKS, *NULLS, *WORDS))
DOUBTFUL = frozenset(("na", "none", "nil", "unknown", "unk", "empty", "blank", "no answer"))
"""Placeholders in most files, values in some: 'none' may be an amount, 'NA' a country."""
JUNK, JUNK_SHARE = frozenset(("test", "asdf", "dummy", "xxx", "xxxx")), 0.01
"""Typed to get past a form; a value of the column if it is frequent."""
SIGNS = frozenset(("+", "*"))
"""If one of these occurs in the same column, '-' and '.' are signs, not blanks."""


@dataclass(frozen=True)
class Placeholder:
    """A cell value that probably means 'missing': its count, and the confidence in that (``sure``, in [0, 1])."""

    value: str
    count: int
    sure: float
    why: str


def placeholder_texts(cells: Distinct) -> tuple[Placeholder, ...]:
    """Spellings of a missing value among the cells of a column, most frequent first.

    Parameters
    ----------
    cells : Distinct
        The cells as they are in the file; '' if a cell is empty.

    Returns
    -------
    tuple of Placeholder

    Source
    ------
    Own list: the spellings that readers of R, pandas and SPSS files treat as missing, and common form entries.
    Qahtan et al. (2018), FAHES: disguised missing values.

    Examples
    --------
    >>> cells = Distinct.of(np.array(["red", "?", "N/A", "?"], dtype=object))
    >>> [(found.value, found.count) for found in placeholder_texts(cells)]
    [('?', 2), ('N/A', 1)]
    """
    rest = np.flatnonzero(~cells.is_number)  # a number is no word
    plain = [(cell, cell.strip().lower()) for cell in cells.values[rest].tolist()]
    known = SURE | DOUBTFUL | JUNK
    if all(word not in known for _, word in plain):
        return ()
    signed = not SIGNS.isdisjoint(word for _, word in plain)
    values = len({value.strip().lower() for value in cells.values.tolist()} - {""})
    found = []
    for (cell, word), count in zip(plain, cells.counts[rest].tolist(), strict=True):
        if word in SURE and not (signed and word in ("-", ".")) and values > 1:
            found.append(Placeholder(cell, count, 0.9, "is a usual spelling of 'nothing'"))
        elif values > 2 and (word in DOUBTFUL or (word in JUNK and count <= JUNK_SHARE * len(cells.codes))):
            # With only two values, 'none' is the other answer.
            found.append(Placeholder(cell, count, 0.5, "often means 'missing'"))
    return tuple(sorted(found, key=lambda one: (-one.count, one.value)))


MIN_DISTINCT = 10
"""With fewer distinct values the column is categorical: only a code of a questionnaire is an outlier."""
PEELED = 3
"""Codes searched for at each end: -999 hides -99."""
FAR, VERY_FAR = 1.0, 2.0
"""Distance to the nearest other value: for codes in multiples of the 5-95 % range of the others, for any other
repeated value in multiples of their full range, because of heavy tails."""
ZERO_GAP, ZERO_MOST = 0.2, 0.4
"""Zero is a placeholder if all other values exceed a fifth of their median, and zeros are at most 40 % of the rows."""

_CODE = re.compile(r"-?(99+|777+|888+)(\.0)?")
_ANSWER = re.compile(r"-?(9+[6-9]|77+|88+)")
_STOCK_DATES = ((1, 1, 1), (1753, 1, 1), (1800, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1970, 1, 1))
_LAST_DATES = ((2099, 12, 31), (2999, 12, 31), (9999, 12, 31))
_YEAR = 365.25 * 86400


def placeholder_numbers(values: Numbers) -> tuple[Placeholder, ...]:
    """Values of a numeric column that probably mean 'missing', lowest first.

    A code repeats exactly and is an outlier: one made of nines far outside the other values or as the only negative
    value, 96 to 99, 77 or 88 beside a few small whole numbers, any other repeated value very far outside, -1 as the
    only negative value and much more frequent than its neighbours, 0 if all other values are well above it. A value
    within the range of the others is never flagged.

    Parameters
    ----------
    values : (n,) float, NaN if missing

    Returns
    -------
    tuple of Placeholder

    Source
    ------
    After Qahtan et al. (2018), FAHES: repeated values that are outliers of the column. Own thresholds.

    Examples
    --------
    >>> heights = np.concatenate([np.linspace(150, 200, 60), [-999, -999, -999]])
    >>> [(found.value, found.count) for found in placeholder_numbers(heights)]
    [('-999', 3)]
    """
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    found: list[Placeholder] = []
    for _ in range(PEELED):
        if len(distinct) <= MIN_DISTINCT:
            return tuple(sorted((*found, *_codes_among_few(distinct, counts)), key=lambda one: float(one.value)))
        for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            value, count = float(distinct[end]), int(counts[end])
            with np.errstate(over="ignore"):  # the range of a column may be larger than the largest number
                placeholder = _placeholder(value, count, distinct[rest], counts[rest])
            if placeholder is not None:
                found.append(placeholder)
                distinct, counts = distinct[rest], counts[rest]
    return tuple(sorted(found, key=lambda one: float(one.value)))


def placeholder_dates(seconds: Numbers) -> tuple[Placeholder, ...]:
    """Default dates such as 1900-01-01 that repeat and are more than a year outside all other dates.

    Parameters
    ----------
    seconds : (n,) float, seconds since 1970; NaN if missing

    Returns
    -------
    tuple of Placeholder

    Examples
    --------
    >>> seconds = np.concatenate([np.arange(1.6e9, 1.7e9, 1e7), [-2208988800.0] * 2])
    >>> [(found.value, found.count) for found in placeholder_dates(seconds)]
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
                Placeholder(
                    value, count, 0.9, "is a date that programs write for missing values; all others are far away"
                )
            )
    return tuple(found)


def _placeholder(value: float, count: int, rest: Numbers, counts: npt.NDArray[np.int64]) -> Placeholder | None:
    """The lowest or highest value as a placeholder, if it is one in view of all other values."""
    if count < 2:
        return None
    gap = float(np.abs(rest - value).min())
    spread = _spread(rest, counts)
    name = f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"
    if _CODE.fullmatch(name) and gap >= FAR * spread:
        return Placeholder(name, count, 0.9, f"consists of equal digits, far from all other values ({_range(rest)})")
    if value < 0 and _CODE.fullmatch(name) and all(_CODE.fullmatch(f"{one:g}") for one in rest[rest < 0].tolist()):
        why = f"consists of equal digits, and no measured value is negative (others: {_range(rest)})"
        return Placeholder(name, count, 0.9, why)
    if value == -1 and rest.min() >= 0 and count > 2 * counts[rest <= 2].max(initial=1):
        return Placeholder(name, count, 0.6, f"is the only negative value, and a frequent one (others: {_range(rest)})")
    if value == 0 and _zero_is_impossible(count, rest, counts):
        return Placeholder(name, count, 0.5, f"stands apart from all other values ({_range(rest)})")
    if count >= 3 and gap >= VERY_FAR * float(rest.max() - rest.min()):
        return Placeholder(name, count, 0.7, f"repeats exactly, very far from all other values ({_range(rest)})")
    return None


def _codes_among_few(distinct: Numbers, counts: npt.NDArray[np.int64]) -> Iterator[Placeholder]:
    """Codes beside a few whole numbers, such as the answers of a questionnaire."""
    is_code = np.array([bool(_ANSWER.fullmatch(f"{one:g}")) for one in distinct.tolist()], dtype=bool) & (counts > 1)
    rest = distinct[~is_code]
    if len(rest) < 3 or (rest != np.round(rest)).any():
        return
    reach = VERY_FAR * float(rest.max() - rest.min())
    for value, count in zip(distinct[is_code].tolist(), counts[is_code].tolist(), strict=True):
        if float(np.abs(rest - value).min()) >= reach:
            why = f"is a usual code of questionnaires, far from all other values ({_range(rest)})"
            yield Placeholder(f"{value:g}", count, 0.8, why)


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
