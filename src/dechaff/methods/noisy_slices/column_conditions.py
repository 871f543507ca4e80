"""Conditions on one column of a table: missing, equal to a category, in a range of numbers or dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np

from dechaff.methods.noisy_slices.condition import Condition, Conditions, stack
from dechaff.typing import Mask, Numbers, Texts

_PROVENANCE = re.compile(
    r"(^|[\W_])(source|origin|provenance|collector|collected|annotator|labell?er|rater|worker|coder|reviewer|batch|"
    r"site|station|clinic|hospital|ward|lab|laboratory|facility|cent(?:er|re)|vendor|supplier|device|sensor|scanner|"
    r"camera|file|filename|import|crawl|channel|wave|round|upload|operator|editor|dataset|version|session|entry)"
    r"([\W_]|$)",
    re.IGNORECASE,
)
"""Names of columns that state where a row comes from, which should not matter to its label."""
_MAX_CATEGORIES = 200
_STEPS = 10
_DAY = 86_400


def tells_provenance(name: str) -> bool:
    """Whether the name of a column is that of a source of rows.

    Examples
    --------
    >>> tells_provenance("data_source"), tells_provenance("resource")
    (True, False)
    """
    return _PROVENANCE.search(name) is not None


def missing_condition(missing: Mask, name: str, *, smallest: int, largest: int) -> Conditions:
    """The condition that the column is empty, if it holds often enough.

    Examples
    --------
    >>> missing_condition(np.array([True, False]), "age", smallest=1, largest=1).items[0].words
    'age is missing'
    """
    held = [(Condition(f"{name} is missing", (name,), incidental=True), missing)]
    return stack([part for part in held if smallest <= missing.sum() <= largest], len(missing))


def category_conditions(values: Texts, name: str, *, smallest: int, largest: int) -> Conditions:
    """One condition a category that is neither too rare nor too frequent; '' = missing is left out.

    Examples
    --------
    >>> colours = np.array(["red", "red", "blue", ""], dtype=object)
    >>> [item.words for item in category_conditions(colours, "colour", smallest=2, largest=3).items]
    ["colour is 'red'"]
    """
    categories, codes, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    common = [i for i in np.argsort(-counts, kind="stable") if categories[i] and smallest <= counts[i] <= largest]
    incidental = tells_provenance(name)
    parts = (
        (Condition(f"{name} is '{categories[i]}'", (name,), incidental=incidental), codes == i)
        for i in common[:_MAX_CATEGORIES]
    )
    return stack(parts, len(values))


def range_conditions(values: Numbers, name: str, *, smallest: int, largest: int, dates: bool = False) -> Conditions:
    """Ranges between tenths of the values: from either end, and in the middle.

    Parameters
    ----------
    values : (n,) float
        Numbers, or seconds since 1970 where ``dates``; NaN if missing.
    name : of the column
    smallest, largest : number of rows that a condition may hold on
    dates : whether bounds are shown as days.

    Returns
    -------
    Conditions

    Examples
    --------
    >>> found = range_conditions(np.arange(10.0), "age", smallest=4, largest=4)
    >>> [item.words for item in found.items]
    ['age ≤ 3', 'age > 5']
    """
    cuts = _cuts(values, _STEPS, smallest)
    return _between(values, name, _ranges(cuts), smallest, largest, dates)


def finer_ranges(
    values: Numbers, name: str, words: str, *, smallest: int, largest: int, dates: bool = False
) -> Conditions:
    """The range of those words with its bounds moved by hundredths of the values, up to a tenth either way.

    Parameters
    ----------
    values, name, smallest, largest, dates : as for :func:`range_conditions`
    words : of the range

    Returns
    -------
    Conditions
        No condition is made from a range that :func:`range_conditions` already covers.
    """
    coarse = _cuts(values, _STEPS, smallest)
    picked = [bounds for bounds in _ranges(coarse) if _words(name, bounds, dates) == words]
    if not picked:
        return stack((), len(values))
    fine = _cuts(values, _STEPS**2, smallest)
    low, high = (_near(bound, coarse, fine) for bound in picked[0])
    return _between(values, name, ((a, b) for a in low for b in high if a < b), smallest, largest, dates)


Bounds = tuple[float, float]
"""Above the first, up to and with the second; infinite if there is no bound."""


def _cuts(values: Numbers, steps: int, smallest: int) -> Numbers:
    known = values[~np.isnan(values)]
    if len(known) < smallest:
        return np.zeros(0)
    return np.unique(np.quantile(known, np.arange(1, steps) / steps, method="lower"))


def _ranges(cuts: Numbers) -> Iterator[Bounds]:
    for cut in cuts:
        yield -np.inf, cut
        yield cut, np.inf
    for step in (1, 2, 3):
        yield from zip(cuts, cuts[step:], strict=False)


def _near(bound: float, coarse: Numbers, fine: Numbers) -> Numbers:
    """Finer bounds between the neighbours of one; the bound itself if it is infinite."""
    if np.isinf(bound):
        return np.array([bound])
    place = int(np.searchsorted(coarse, bound))
    low = coarse[place - 1] if place > 0 else -np.inf
    high = coarse[place + 1] if place + 1 < len(coarse) else np.inf
    return fine[(fine >= low) & (fine <= high)]


def _between(
    values: Numbers, name: str, ranges: Iterable[Bounds], smallest: int, largest: int, dates: bool
) -> Conditions:
    incidental = dates or tells_provenance(name)
    parts = (
        (Condition(_words(name, bounds, dates), (name,), incidental, True, bounds=_plain(bounds)), mask)
        for bounds in ranges
        for mask in ((values > bounds[0]) & (values <= bounds[1]),)
        if smallest <= mask.sum() <= largest
    )
    return stack(parts, len(values))


def _plain(bounds: Bounds) -> Bounds:
    return float(bounds[0]), float(bounds[1])


def _words(name: str, bounds: Bounds, dates: bool) -> str:
    low, high = ("" if np.isinf(bound) else _date(bound) if dates else f"{bound:.6g}" for bound in bounds)
    if not low or not high:
        return f"{name} > {low}" if low else f"{name} ≤ {high}"
    return f"{low} < {name} ≤ {high}"


def _date(value: float) -> str:
    when = datetime.fromtimestamp(value, tz=UTC)
    return when.strftime("%Y-%m-%d" if value % _DAY == 0 else "%Y-%m-%d %H:%M:%S")
