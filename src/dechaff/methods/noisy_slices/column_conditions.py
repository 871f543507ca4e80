"""Conditions on one column of a table: missing, equal to a category, in a range of numbers or dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
"""Names of columns that tell where a row comes from, which should not matter to its label."""
_MAX_CATEGORIES = 200
_STEPS = 10


def tells_provenance(name: str) -> bool:
    """Whether a column's name says that it tells where rows come from.

    Examples
    --------
    >>> tells_provenance("data_source"), tells_provenance("resource")
    (True, False)
    """
    return _PROVENANCE.search(name) is not None


def missing_condition(missing: Mask, name: str, *, smallest: int, largest: int) -> Conditions:
    """The condition that the column is empty, where it holds often enough."""
    held = [(Condition(f"{name} is missing", (name,), incidental=True), missing)]
    return stack([part for part in held if smallest <= missing.sum() <= largest], len(missing))


def category_conditions(values: Texts, name: str, *, smallest: int, largest: int) -> Conditions:
    """One condition a category that is neither too rare nor too frequent ('' = missing is left out)."""
    categories, codes, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    frequent = [i for i in np.argsort(-counts, kind="stable")[:_MAX_CATEGORIES] if smallest <= counts[i] <= largest]
    incidental = tells_provenance(name)
    parts = (
        (Condition(f"{name} is '{categories[i]}'", (name,), incidental=incidental), codes == i)
        for i in frequent
        if categories[i]
    )
    return stack(parts, len(values))


def range_conditions(values: Numbers, name: str, *, smallest: int, largest: int, dates: bool = False) -> Conditions:
    """Ranges between tenths of the values, from either end and in the middle."""
    show = _date if dates else _number
    known = values[~np.isnan(values)]
    if len(known) < smallest:
        return stack((), len(values))
    cuts = np.unique(np.quantile(known, np.arange(1, _STEPS) / _STEPS, method="lower"))
    incidental = dates or tells_provenance(name)
    parts = (
        (Condition(words, (name,), incidental=incidental), mask)
        for words, mask in _ranges(values, name, cuts, show)
        if smallest <= mask.sum() <= largest
    )
    return stack(parts, len(values))


def _ranges(values: Numbers, name: str, cuts: Numbers, show: Callable[[float], str]) -> Iterator[tuple[str, Mask]]:
    for low in cuts:
        yield f"{name} ≤ {show(low)}", values <= low
        yield f"{name} > {show(low)}", values > low
    for step in (1, 2, 3):
        for low, high in zip(cuts, cuts[step:], strict=False):
            yield f"{show(low)} < {name} ≤ {show(high)}", (values > low) & (values <= high)


def _number(value: float) -> str:
    return f"{value:.6g}"


def _date(value: float) -> str:
    return datetime.fromtimestamp(value, tz=UTC).strftime("%Y-%m-%d")
