"""Where wrong cells lie in the distribution of their column, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from dechaff.core.table import Column
from dechaff.methods.cells.cell_columns import CellColumn, Doubt
from dechaff.recipe.explore.cell_errors import FoundCells
from dechaff.records.record import Strip
from dechaff.records.wrong_cells import ValueCount, WrongCells
from dechaff.typing import Numbers

_MOST_COLUMNS, _MOST_ODD, _MOST_RULES = 40, 40, 5
_USUAL, _WRONG = 6, 4
"""Most frequent values that are shown of a column, and most frequent wrong ones."""
_CHARACTERS = 80
_QUANTILES = np.linspace(0, 1, 21)


def wrong_cells(columns: Sequence[Column], found: FoundCells) -> tuple[WrongCells, ...]:
    """The columns with wrong cells, those with most of them first; what should be empty is left out, as in C001."""
    by_column: dict[str, dict[int, Doubt]] = {}
    for (row, name), doubt in found.flagged.items():
        if doubt.suggested != "":
            by_column.setdefault(name, {})[row] = doubt
    order = sorted(by_column, key=lambda name: (-len(by_column[name]), name))[:_MOST_COLUMNS]
    at = {one.name: one for one in columns}
    return tuple(_of_column(CellColumn(name, at[name].distinct), by_column[name], found) for name in order)


def _of_column(column: CellColumn, doubts: Mapping[int, Doubt], found: FoundCells) -> WrongCells:
    rules = dict.fromkeys(
        found.broken[row, column.name].words() for row in doubts if (row, column.name) in found.broken
    )
    quantiles, odd, values = tuple[float, ...](), tuple[float, ...](), tuple[ValueCount, ...]()
    if column.is_numeric:
        numbers = column.numbers[list(doubts)]
        quantiles = _quantiles(np.delete(column.numbers, list(doubts)))
        odd = _spread(numbers[np.isfinite(numbers)])
    if not quantiles or not odd:
        quantiles, odd, values = (), (), _values(column, doubts)
    suggested = sum(one.suggested is not None for one in doubts.values())
    return WrongCells(column.name, len(doubts), suggested, quantiles, odd, values, tuple(rules)[:_MOST_RULES])


def _spread(numbers: Numbers) -> tuple[float, ...]:
    """All of the numbers if they are few, else as many from the lowest to the highest."""
    ordered = np.unique(numbers)
    kept = np.linspace(0, len(ordered) - 1, min(len(ordered), _MOST_ODD)).round().astype(np.int64)
    return tuple(ordered[kept].tolist())


def _values(column: CellColumn, doubts: Mapping[int, Doubt]) -> tuple[ValueCount, ...]:
    """The most frequent values of the other cells, and the most frequent of the wrong ones."""
    wrong = Counter(map(column.cell, doubts))
    right = Counter(dict(column.filled()))
    right.subtract(wrong)
    usual = [ValueCount(_cut(value), count) for value, count in right.most_common(_USUAL) if value and count > 0]
    return (*usual, *(ValueCount(_cut(value), count, "wrong") for value, count in wrong.most_common(_WRONG)))


def place_of_number(column: Column, row: int, suggested: str = "") -> Strip | None:
    """The number of a row among those of its column; None if it is no number, or no column of numbers."""
    if column.kind != "numeric" or not np.isfinite(column.values[row]):
        return None
    quantiles = _quantiles(column.values)
    if not quantiles:
        return None
    right = CellColumn.of("", np.array([suggested], dtype=object)).numbers[0]
    return Strip(column.name, quantiles, float(column.values[row]), float(right) if np.isfinite(right) else None)


def place_of_value(column: Column, row: int, suggested: str) -> tuple[ValueCount, ...]:
    """How often the value of a row occurs in its column, beside the suggested one and the most frequent others."""
    counts, given = Counter(column.raw.tolist()), str(column.raw[row])
    shown = [value for value, _ in counts.most_common(_USUAL) if value not in {"", given, suggested}]
    marked = [ValueCount(_cut(suggested), counts[suggested], "suggested")] if suggested else []
    usual = [ValueCount(_cut(str(value)), counts[value]) for value in shown[: _USUAL - 1 - len(marked)]]
    return (*marked, *usual, ValueCount(_cut(given), counts[given], "wrong"))


def _quantiles(numbers: Numbers) -> tuple[float, ...]:
    """From the lowest to the highest in steps of one twentieth of the cells; empty if there are none to draw."""
    present = numbers[np.isfinite(numbers)]
    if not len(present):
        return ()
    found = np.quantile(present, _QUANTILES, method="nearest")
    with np.errstate(over="ignore"):
        can_be_drawn = np.isfinite(found[-1] - found[0])
    return tuple(found.tolist()) if can_be_drawn else ()


def _cut(value: str) -> str:
    return value if len(value) <= _CHARACTERS else value[:_CHARACTERS] + "…"
