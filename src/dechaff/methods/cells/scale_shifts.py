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
        figures = column.figures
        for at in np.flatnonzero((figures < self.low - slack) | (figures > self.high + slack)).tolist():
            found[column.values[at]] = self._doubt(column.values[at], float(figures[at]))
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
    some = _Sorted(values, counts, np.concatenate([[0.0], np.cumsum(counts)]))
    start, stop = some.without_far()
    inner = values[start:stop]
    if len(inner) < MIN_DISTINCT:
        return None
    middle = (some.quantile(0.02, start, stop), some.quantile(0.98, start, stop))
    return RangeRule(column.name, float(inner[0]), float(inner[-1]), middle, bool((inner == np.round(inner)).all()))


@dataclass(frozen=True)
class _Sorted:
    """Distinct numbers in order, how many cells hold each, and how many cells lie before each and in all."""

    values: Figures
    counts: Figures
    before: Figures

    def without_far(self) -> tuple[int, int]:
        """Where the stretch of the values begins and ends that none of the far ones is in."""
        n, repeated = self.before[-1], self.counts[self.counts > 1]
        usual = max(REPEATS, OF_USUAL * float(np.median(repeated)) if len(repeated) else 0)
        start, stop = 0, len(self.values)
        wide = np.diff(self.values) >= self._least_gap()
        for at in range(len(self.values) - 1, 0, -1):  # the far values are from `at` on
            if n - self.before[at] > max(MOST * n, 1) or self.counts[at] > usual:
                break
            if wide[at - 1] and self._is_gap(at - 1, at, 0, at):
                stop = at
        for at in range(stop - 1):  # and up to `at`
            if self.before[at + 1] > max(MOST * n, 1) or self.counts[at] > usual:
                break
            if wide[at] and self._is_gap(at + 1, at, at + 1, stop):
                start = at + 1
        return start, stop

    def _least_gap(self) -> float:
        """No narrower gap is one: whatever is far, the other values reach over the middle 90 % of all.

        At most a fiftieth, or one cell, is far on each side, and a hundredth of the rest is left out of its width.
        """
        low, high = (self.quantile(share, 0, len(self.values)) for share in (0.05, 0.95))
        return GAP * (high - low)

    def _is_gap(self, inner: int, outer: int, start: int, stop: int) -> bool:
        """Whether the gap between two values is wide beside the values from `start` to `stop`."""
        low, high = self.quantile(0.01, start, stop), self.quantile(0.99, start, stop)
        near, far = self.values[inner], self.values[outer]
        if abs(far - near) < GAP * (high - low) or high <= low:
            return False
        if min(self.values[start], far) <= 0:
            return bool(abs(far - near) >= (high - low))
        return bool(abs(np.log(far / near)) >= GAP_IN_LOGS * max(np.log(high / low), 0.5))

    def quantile(self, share: float, start: int, stop: int) -> float:
        """That of the cells with the values from `start` to `stop`."""
        first, last = self.before[start], self.before[stop]
        at = start + np.searchsorted(self.before[start + 1 : stop + 1], first + share * (last - first))
        return float(self.values[min(at, stop - 1)])
