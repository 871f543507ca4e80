"""Two cells in one: a city with its state, beside an empty cell of the state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dechaff.methods.cells.cell_columns import CellColumn, CellColumns, CellDoubts, Doubt

FEWEST, EMPTY = 3, 0.9
"""Merged cells needed, and the fraction of them whose second column is empty or holds the same."""
REPEATS = 2
_SEPARATORS = " ,;/|-"


@dataclass(frozen=True)
class MergedRule:
    """Cells of ``column`` that end with a value of ``second`` belong into both; ``values`` are those of ``second``."""

    column: str
    second: str
    values: tuple[str, ...]

    def words(self) -> str:
        """Which column holds the second part."""
        return f"{self.column} does not end with a value of {self.second}."

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that hold two values, and the empty ones beside them."""
        if self.column not in columns or self.second not in columns:
            return
        first, second = columns[self.column], columns[self.second]
        parts = merged_values(first, frozenset(self.values))
        rows = [row for row, code in enumerate(first.codes.tolist())
                if first.values[code] in parts
                and second.cell(row) in ("", parts[first.values[code]][1])]  # fmt: skip
        found, empty = [], []
        for row in rows:
            value = first.cell(row)
            left, right = parts[value]
            found.append(Doubt(left, 0.95, f"{value!r} ends with {right!r}, a value of {self.second}."))
            if not second.cell(row):
                why = f"It is empty, and {self.column} is {value!r}, which ends with a value of {self.second}."
                empty.append((row, Doubt(right, 0.95, why)))
        yield CellDoubts(self.column, np.array(rows, dtype=np.int64), tuple(found))
        at = np.array([row for row, _ in empty], dtype=np.int64)
        yield CellDoubts(self.second, at, tuple(doubt for _, doubt in empty))


def merged_cells(columns: CellColumns) -> tuple[MergedRule, ...]:
    """The pairs of columns of which some cells of the first hold the values of both.

    Source
    ------
    Own rule, after the missing field separators of Rahm, Do (2000), "Data cleaning: problems and current approaches".

    Examples
    --------
    >>> city = np.array(["Bend", "Bend OR", "Reno NV", "Salem OR", "Reno", "Salem"] * 2, dtype=object)
    >>> state = np.array(["OR", "", "", "", "NV", "OR"] * 2, dtype=object)
    >>> cells = {"city": CellColumn.of("city", city), "state": CellColumn.of("state", state)}
    >>> (rule,) = merged_cells(cells)
    >>> [(found.column, found.doubts[0].suggested) for found in rule.doubts(cells, own=True)]
    [('city', 'Bend'), ('state', 'OR')]
    """
    rules = []
    for second in columns.values():
        if second.n_filled == len(second.values) or second.is_numeric:
            continue
        values = {value for value, count in second.filled() if count >= REPEATS and len(value) > 1}
        for first in columns.values():
            if first is not second and values and _is_merged(first, second, frozenset(values)):
                rules.append(MergedRule(first.name, second.name, tuple(sorted(values))))
    return tuple(rules)


def _is_merged(first: CellColumn, second: CellColumn, values: frozenset[str]) -> bool:
    parts = merged_values(first, values)
    if not parts:
        return False
    holds = np.array([value in parts for value in first.values.tolist()], dtype=bool)[first.codes]
    rows = np.flatnonzero(holds)
    beside = Counter(second.cell(row) in ("", parts[first.cell(row)][1]) for row in rows.tolist())
    empty = int((second.values[second.codes[rows]] == "").sum())
    return empty >= FEWEST and beside[True] >= EMPTY * len(rows) and len(rows) <= 0.5 * first.n_present


def merged_values(column: CellColumn, endings: frozenset[str]) -> Mapping[str, tuple[str, str]]:
    """The values that end with one of the endings, behind a separator: what is before it, and the ending."""
    found = {}
    for value, _ in column.filled():
        head, gap, tail = value.rpartition(" ")
        if gap and tail in endings and head.strip(_SEPARATORS):
            found[value] = (head.rstrip(_SEPARATORS), tail)
    return found
