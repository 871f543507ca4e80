"""Order rules between columns: a start is not after its end, a part is not more than the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt
from dechaff.typing import Numbers

FEWEST = 50
EXCEPTIONS = 0.01
"""Fraction of the rows that may break the rule."""
BY_CHANCE = 0.15
"""The rule says something only if this many rows broke it, were the columns independent."""
BEYOND = 0.25
"""An exception is an error if it breaks the rule by this part of the usual differences of the columns."""
MOST_COLUMNS = 60


@dataclass(frozen=True)
class OrderRule:
    """The first column is at most the second."""

    first: str
    second: str
    beyond: float
    is_date: bool = False

    def words(self) -> str:
        """The rule."""
        return f"{self.first} is at most {self.second}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The rows that break it, in the column whose value is odder."""
        if self.first not in columns or self.second not in columns:
            return
        first, second = (_figures(columns[name], is_date=self.is_date) for name in (self.first, self.second))
        with np.errstate(invalid="ignore"):
            rows = np.flatnonzero(first - second > self.beyond)
        odd = [np.abs(one - np.nanmedian(one)) / (np.nanmedian(np.abs(one - np.nanmedian(one))) + 1e-12)
               for one in (first, second)]  # fmt: skip
        at_first = odd[0][rows] >= odd[1][rows]
        for name, some in ((self.first, rows[at_first]), (self.second, rows[~at_first])):
            cells = [columns[one].values[columns[one].codes[some]].tolist() for one in (self.first, self.second)]
            yield CellDoubts(name, some, tuple(
                Doubt(None, 0.6, f"{self.first} {one!r} is more than {self.second} {other!r}.")
                for one, other in zip(*cells, strict=True)))  # fmt: skip


def order_rules(columns: CellColumns) -> tuple[OrderRule, ...]:
    """The pairs of columns of numbers or dates of which one is at most the other, with a few exceptions.

    Source
    ------
    Order dependencies of Szlichta, Godfrey, Gryz (2012) between two columns, with exceptions. Own thresholds.

    Examples
    --------
    >>> start = np.arange(100) * 37 % 90
    >>> end = start + 1 + np.arange(100) % 7
    >>> end[5] = 0
    >>> cells = {name: CellColumn.of(name, one.astype(str).astype(object)) for name, one in
    ...          (("start", start), ("end", end))}
    >>> [rule.words() for rule in order_rules(cells)]
    ['start is at most end.']
    >>> [(found.column, found.rows.tolist()) for found in order_rules(cells)[0].doubts(cells, own=True)]
    [('start', []), ('end', [5])]
    """
    rules = []
    for is_date in (False, True):
        kept = [one for one in columns.values() if (_is_date(one) if is_date else one.is_numeric)][:MOST_COLUMNS]
        figures = {one.name: _figures(one, is_date=is_date) for one in kept if len(one.values) > 5}
        for first, small in figures.items():
            for second, large in figures.items():
                if first != second:
                    beyond = _holds(small, large)
                    rules += [OrderRule(first, second, beyond, is_date)] if beyond is not None else []
    return tuple(rules)


def _holds(small: Numbers, large: Numbers) -> float | None:
    """By how much an exception is an error, if the first is at most the second in nearly all rows; else None."""
    both = np.isfinite(small) & np.isfinite(large)
    n = int(both.sum())
    if n < FEWEST:
        return None
    difference = large[both] - small[both]
    broken = int((difference < 0).sum())
    if broken == 0 or broken > EXCEPTIONS * n:
        return None
    shuffled = np.sort(large[both])
    chance = float(np.searchsorted(shuffled, small[both]).mean()) / n
    beyond = BEYOND * float(np.quantile(difference, 0.9))
    far = int((difference < -beyond).sum())
    return beyond if chance >= BY_CHANCE and far and far >= 0.5 * broken else None


def _is_date(column: CellColumn) -> bool:
    found = int(column.counts[np.isfinite(_days(column))].sum())
    return found > 0 and found >= 0.9 * column.n_present


def _figures(column: CellColumn, *, is_date: bool) -> Numbers:
    return _days(column)[column.codes] if is_date else column.numbers


def _days(column: CellColumn) -> Numbers:
    """(k,) days since 1970 of the values that are written as 2024-12-31, whatever follows; NaN for others."""
    found = np.full(len(column.values), np.nan)
    for at in np.flatnonzero(~column.distinct.is_number).tolist():
        value = str(column.values[at])
        if len(value) >= 10 and value[4:5] == value[7:8] == "-":
            try:
                found[at] = float(np.datetime64(value[:19].strip().replace(" ", "T"), "s").astype(np.int64)) / 86400
            except ValueError:
                continue
    return found
