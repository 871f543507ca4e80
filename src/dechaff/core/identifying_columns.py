"""Columns that name the rows, as nearly every value is different."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column
from dechaff.typing import Mask, Numbers, Rows, Texts

MIN_ROWS = 20
MIN_DISTINCT = 0.99
"""An id that was typed in twice, or a row that was copied with its id, does not make the column a feature."""
LEAST_DISTINCT = 0.9
"""With fewer repeats than measurements would have, ids may repeat so often: customers who came twice."""
_FEWER_REPEATS = 4
EXPECTED_REPEATS = 20.0
"""Whole numbers without a repeat are an id only if measurements would have repeated this often."""
MOST_GAPS = 20
"""Counters have gaps if rows were removed; a sorted measurement has far more of them."""

_FEWEST_CODES, _CODE_DIGITS = 50, 6
_KS_BOUND, _CHI2_BOUND = 1.63, 27.88
"""Kolmogorov's bound at 1 %, and chi² with nine degrees of freedom at .1 %."""
_MOMENTS = ((7e8, 2.2e9), (7e11, 2.2e12))
"""Seconds and milliseconds since 1970, of the years 1992 to 2039."""

_DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class Identifier:
    """How a column names the rows: ``kind`` is what gives it away, ``distinct`` is the fraction of different
    values."""

    kind: Literal["counting", "whole numbers without repeats", "random numbers", "moments", "codes"]
    distinct: float


def naming_columns(columns: Sequence[Column], order: Rows | None = None) -> dict[str, Identifier]:
    """The columns that name the rows. A data set of such columns only has none: it would be left with nothing.

    `order` are the rows in the order of their file, if the columns have another one.
    """
    found = {column.name: _identifier(column, order) for column in columns} if len(columns) > 1 else {}
    named = {name: how for name, how in found.items() if how is not None}
    return named if len(named) < len(columns) else {}


def _identifier(column: Column, order: Rows | None) -> Identifier | None:
    if column.kind in ("numeric", "identifier"):
        return identifying_numbers(column.values if order is None else column.values[order])
    if column.kind in ("text", "categorical"):
        return identifying_texts(column.values, column.missing)
    return None


def identifying_numbers(values: Numbers) -> Identifier | None:
    """Whether a numeric column is an identifier: it counts the rows, or its whole numbers never repeat.

    A measurement with many decimals never repeats either, so only whole numbers are looked at; and those are
    called an id where they step through the file in order, or where as many measurements of the same spread would have
    repeated many times over (birthday coincidences on the local density of the values). Random numbers of at least six
    digits are spread evenly over all numbers with so many digits; moments are seconds since 1970 that hardly repeat.

    Parameters
    ----------
    values : (n,) float, NaN if missing

    Source
    ------
    Birthday problem; the density is a histogram of equally filled bins.

    Examples
    --------
    >>> identifying_numbers(np.arange(100.0) + 7).kind
    'counting'
    >>> identifying_numbers(np.arange(100.0) % 40) is None
    True
    """
    known = values[~np.isnan(values)]
    if len(known) < MIN_ROWS or len(known) < MIN_DISTINCT * len(values) or not _whole(known):
        return None
    ordered = np.sort(known)
    distinct = float((np.count_nonzero(np.diff(ordered)) + 1) / len(known))
    steps = np.diff(known)
    dense = ordered[-1] - ordered[0] <= MOST_GAPS * len(known)
    if dense and ((steps > 0).all() or (steps < 0).all()):
        return Identifier("counting", distinct)
    if distinct < LEAST_DISTINCT:
        return None
    expected, observed = _expected_repeats(ordered), _repeats(ordered)
    if expected >= EXPECTED_REPEATS and (distinct >= MIN_DISTINCT or _FEWER_REPEATS * observed <= expected):
        return Identifier("whole numbers without repeats", distinct)
    if any(low <= ordered[0] and ordered[-1] <= high for low, high in _MOMENTS):
        return Identifier("moments", distinct)
    return Identifier("random numbers", distinct) if _evenly_spread(ordered) else None


def identifying_texts(values: Texts, missing: Mask) -> Identifier | None:
    """Whether a column of words is an identifier: single tokens with digits or of one shape, nearly all different.

    Names of things (several words) are content, not an id.

    Parameters
    ----------
    values : (n,) object array of str
    missing : (n,) bool

    Examples
    --------
    >>> codes = np.array([f"rec-{i}-org" for i in range(50)], dtype=object)
    >>> identifying_texts(codes, np.zeros(50, dtype=bool)).kind
    'codes'
    """
    known = values[~missing].tolist()
    if len(known) < MIN_ROWS or len(known) < MIN_DISTINCT * len(values):
        return None
    distinct = len(set(known)) / len(known)
    if distinct < LEAST_DISTINCT:
        return None
    tokens = sum(1 for text in known if not any(sign.isspace() for sign in text.strip()))
    coded = sum(1 for text in known if _DIGITS.search(text))
    lengths = {len(text) for text in known}
    if tokens >= 0.95 * len(known) and (coded >= 0.5 * len(known) or len(lengths) == 1):
        return Identifier("codes", float(distinct))
    return None


def _whole(values: Numbers) -> bool:
    return bool(np.isfinite(values).all() and (values == np.floor(values)).all())


def _repeats(ordered: npt.NDArray[np.float64]) -> int:
    """Pairs of equal values."""
    counts = np.unique(ordered, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _evenly_spread(ordered: npt.NDArray[np.float64]) -> bool:
    """Whether whole numbers are like draws from all numbers with as many digits as the largest one has.

    A measurement in such units has another shape, or is rounded, so that its last digits differ in frequency.
    """
    n = len(ordered)
    digits = len(str(int(ordered[-1]))) if ordered[-1] < 1e15 else 0
    if n < _FEWEST_CODES or digits < _CODE_DIGITS or ordered[0] < 0:
        return False
    last = np.bincount((ordered % 10).astype(np.int64), minlength=10)
    if float(((last - n / 10) ** 2 / (n / 10)).sum()) > _CHI2_BOUND:
        return False
    high = 10.0**digits
    places = np.arange(1, n + 1) / n
    shares = [(ordered - low) / (high - low) for low in (0.0, high / 10)]
    return any(float(np.abs(places - share).max()) * np.sqrt(n) <= _KS_BOUND for share in shares)


def _expected_repeats(ordered: npt.NDArray[np.float64]) -> float:
    """Pairs of equal values that as many draws from the same density would give."""
    n = len(ordered)
    n_bins = max(1, int(np.sqrt(n)) // 2)
    edges = ordered[np.linspace(0, n - 1, n_bins + 1).round().astype(int)]
    widths = np.maximum(np.diff(edges), 1.0)
    return float(n * (n - 1) / 2 * ((1 / n_bins) ** 2 / widths).sum())
