"""Numbers far from all others of their column; by a power of ten or the factor of a unit, where that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt
from dechaff.typing import Figures

FEWEST, MIN_DISTINCT = 40, 12
"""Cells and different values needed to know what is far."""
MOST = 0.02
"""Fraction of the cells that can be far, on each side."""
REPEATS, OF_USUAL = 3, 0.25
"""A value of more cells is no slip, nor is one of more than this part of the cells of a usual value."""
GAP, GAP_IN_LOGS = 0.5, 0.4
"""The far cells are apart from the others by this part of the others' central 98 %, on both scales."""
TOGETHER = 3
"""So many rows that are far in two columns at once, and most of those that are far in either, are another kind of
rows, not errors: two errors rarely meet in one row."""
FACTORS = {10.0: "10", 100.0: "100", 1000.0: "1,000", 1e6: "1,000,000", 2.54: "2.54 (inches)", 2.20462: "2.2 (pounds)",
           1.609344: "1.609 (miles)", 0.3048: "0.3048 (feet)", 28.3495: "28.35 (ounces)"}  # fmt: skip


@dataclass(frozen=True)
class RangeRule:
    """The range of the numbers of a column, and of their middle."""

    column: str
    low: float
    high: float
    middle: tuple[float, float]
    whole: bool
    """Whether all of them are whole numbers."""

    def words(self) -> str:
        """The range."""
        return f"{self.column} lies between {self.low:g} and {self.high:g}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The numbers beyond; at values that were not learned from, only what is clearly beyond."""
        if self.column not in columns:
            return
        column, found = columns[self.column], {}
        slack = 0.0 if own else GAP * (self.high - self.low)
        for value, number in zip(column.values.tolist(), column.figures.tolist(), strict=True):
            if number < self.low - slack or number > self.high + slack:
                found[value] = self._doubt(value, number)
        yield CellDoubts.of_values(column, found)

    def _doubt(self, value: str, number: float) -> Doubt:
        why = f"{value} is far from all other values ({self.low:g} to {self.high:g})."
        for factor, name in FACTORS.items():
            for right, way in ((number / factor, "times"), (number * factor, "divided by")):
                if self.middle[0] <= right <= self.middle[1] and (not self.whole or abs(right - round(right)) < 1e-6):
                    return Doubt(f"{right:.10g}", 0.85, f"{why} It may be {right:.6g} {way} {name}.")
        return Doubt(None, 0.75, why)


def scale_shifts(columns: CellColumns) -> tuple[RangeRule, ...]:
    """The columns of numbers of which a few cells are far from all others.

    The far cells, at most one in fifty, are those beyond a gap in the sorted values that is half as wide as the central
    98 % of the others: on the plain scale, and for positive numbers also in logs, since heavy tails have gaps on one.

    Source
    ------
    Dixon (1950), ratio of the gap to the range. Own thresholds.

    Examples
    --------
    >>> cells = [str(height) for height in range(150, 200)] + ["1780"]
    >>> columns = {"height": CellColumn.of("height", np.array(cells, dtype=object))}
    >>> [(one.suggested, one.why) for rule in scale_shifts(columns) for found in rule.doubts(columns, own=True)
    ...  for one in found.doubts]
    [('178', '1780 is far from all other values (150 to 199). It may be 178 times 10.')]
    """
    found = (_range_rule(column) for column in columns.values() if column.is_numeric)
    rules = [rule for rule in found if rule is not None]
    far = {rule.column: _unexplained(rule, columns) for rule in rules}
    return tuple(rule for rule in rules if not any(
        _go_together(far[rule.column], other) for name, other in far.items() if name != rule.column))  # fmt: skip


def _unexplained(rule: RangeRule, columns: CellColumns) -> frozenset[int]:
    """The rows whose number is far, and no factor explains it."""
    doubts = next(rule.doubts(columns, own=True))
    rows = zip(doubts.rows.tolist(), doubts.doubts, strict=True)
    return frozenset(row for row, doubt in rows if doubt.suggested is None)


def _go_together(one: frozenset[int], other: frozenset[int]) -> bool:
    return len(one & other) >= max(TOGETHER, 0.5 * len(one | other))


def _range_rule(column: CellColumn) -> RangeRule | None:
    known = np.isfinite(column.figures)
    values, place = np.unique(column.figures[known], return_inverse=True)
    counts = np.bincount(place, weights=column.counts[known]).astype(np.float64)
    if counts.sum() < FEWEST or len(values) < MIN_DISTINCT:
        return None
    start, stop = _inner(values, counts)
    inner, weight = values[start:stop], counts[start:stop]
    if len(inner) < MIN_DISTINCT:
        return None
    middle = (_quantile(inner, weight, 0.02), _quantile(inner, weight, 0.98))
    return RangeRule(column.name, float(inner[0]), float(inner[-1]), middle, bool((inner == np.round(inner)).all()))


def _inner(values: Figures, counts: Figures) -> tuple[int, int]:
    """Where the stretch of the values begins and ends that none of the far ones is in."""
    n, most = counts.sum(), max(REPEATS, OF_USUAL * float(np.median(counts[counts > 1])) if (counts > 1).any() else 0)
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    start, stop = 0, len(values)
    for at in range(len(values) - 1, 0, -1):  # the far values are from `at` on
        if above[at] > max(MOST * n, 1) or counts[at] > most:
            break
        if _is_gap(values[at - 1], values[at], values[:at], counts[:at]):
            stop = at
    for at in range(stop):  # and up to `at`
        if below[at] > max(MOST * n, 1) or counts[at] > most:
            break
        if at + 1 < stop and _is_gap(values[at + 1], values[at], values[at + 1 : stop], counts[at + 1 : stop]):
            start = at + 1
    return start, stop


def _is_gap(inner: float, outer: float, others: Figures, counts: Figures) -> bool:
    low, high = _quantile(others, counts, 0.01), _quantile(others, counts, 0.99)
    if abs(outer - inner) < GAP * (high - low) or high <= low:
        return False
    if min(others[0], outer) <= 0:
        return bool(abs(outer - inner) >= (high - low))
    return bool(abs(np.log(outer / inner)) >= GAP_IN_LOGS * max(np.log(high / low), 0.5))


def _quantile(values: Figures, counts: Figures, share: float) -> float:
    total = np.cumsum(counts)
    return float(values[min(np.searchsorted(total, share * total[-1]), len(values) - 1)])
