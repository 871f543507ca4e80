"""Why a row is odd: the columns in which it differs from the rows that are most like it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column, Table
from dechaff.methods.outliers.scaled_columns import USUAL, ScaledColumns, scaled_numbers

_ALIKE = 100
"""Rows most like the row otherwise, that a cell is compared with."""
_MOST_CELLS = 2
_WORTH_NAMING = 0.5
"""A further cell is named if it differs at least this much of what the first one does."""
_GROUP = 20
"""Fewest rows of a category of which a usual range is told."""
RARE = 0.05
_TINY = 1e-300


@dataclass(frozen=True)
class OddCell:
    """One cell that makes a row odd.

    ``among`` says what it is compared with: "" all rows, else a column whose value the row shares, or "alike" for the
    rows most like it otherwise. ``low`` and ``high`` bound the usual range of numbers there; ``share`` is the fraction
    of those rows with the same category, or of all rows that lack a value.
    """

    column: str
    among: str = ""
    low: float = np.nan
    high: float = np.nan
    share: float = np.nan
    rows: int = 0


@dataclass(frozen=True)
class Compared:
    """Reference rows: their ``table`` and the same rows scaled."""

    scaled: ScaledColumns
    table: Table

    def odd_cells(self, table: Table) -> list[tuple[OddCell, ...]]:
        """For each row of a table, the cells that make it odd, the oddest first.

        Parameters
        ----------
        table : rows with the same columns, of which few are explained: each costs a comparison with all reference rows
        """
        names = [name for name in self.scaled.names if len(self.table)]
        columns = [_apart(self.table[name], table[name], self.scaled) for name in names]
        return [self._of_row(table, row, names, [of_row(row) for of_row in columns]) for row in range(len(table))]

    def _of_row(
        self, table: Table, row: int, names: Sequence[str], apart: Sequence[npt.NDArray[np.float64]]
    ) -> tuple[OddCell, ...]:
        if not names:
            return ()
        total, found = np.sum(apart, axis=0), []
        count = min(_ALIKE, len(total))
        for one in apart:
            alike = np.argsort(total - one, kind="stable")[:count]
            found.append((float(one[alike].mean()), alike))
        order = sorted(range(len(names)), key=lambda at: -found[at][0])[:_MOST_CELLS]
        first = found[order[0]][0]
        named = [at for at in order if found[at][0] >= _WORTH_NAMING * first and first > 0]
        return tuple(self._cell(table, row, names[at], found[at][1]) for at in named)

    def _cell(self, table: Table, row: int, name: str, alike: npt.NDArray[np.int64]) -> OddCell:
        reference, column = self.table[name], table[name]
        if column.missing[row] or column.kind == "categorical":
            same = reference.missing if column.missing[row] else reference.values == column.values[row]
            share = float(np.mean(same))
            if share < RARE or column.missing[row]:
                return OddCell(name, share=share, rows=len(same))
            return OddCell(name, "alike", share=float(np.mean(same[alike])), rows=len(alike))
        value, everywhere = float(column.values[row]), _usual(reference.values)
        if not everywhere[0] <= value <= everywhere[1]:
            return OddCell(name, "", *everywhere, rows=len(reference.values))
        return self._in_context(table, row, reference, value, alike)

    def _in_context(
        self, table: Table, row: int, reference: Column, value: float, alike: npt.NDArray[np.int64]
    ) -> OddCell:
        """A number that is usual by itself: unusual with some category of the row, or for the rows most like it."""
        contexts = []
        for other in self.scaled.levels:
            same = np.flatnonzero(self.table[other].values == table[other].values[row])
            if len(same) >= _GROUP and not table[other].missing[row]:
                low, high = _usual(reference.values[same])
                outside = np.nan_to_num(max(low - value, value - high) / max(high - low, _TINY), nan=-1.0)
                contexts.append((outside, other, low, high, len(same)))
        best = max(contexts, default=(0.0, "", 0.0, 0.0, 0))
        if best[0] > 0:
            return OddCell(reference.name, best[1], best[2], best[3], rows=best[4])
        low, high = _usual(reference.values[alike])
        return OddCell(reference.name, "alike", low, high, rows=len(alike))


def _apart(reference: Column, column: Column, scaled: ScaledColumns) -> Callable[[int], npt.NDArray[np.float64]]:
    """How far each reference row is from one of the rows in this column."""
    if reference.name in scaled.numbers:
        middle, usual, _ = scaled.numbers[reference.name]
        theirs, mine = (scaled_numbers(one, middle, usual) for one in (reference, column))
        return lambda row: (
            np.where(reference.missing | column.missing[row], 1.0, np.abs(theirs - mine[row]))
            * (~(reference.missing & column.missing[row]))
        )
    return lambda row: (reference.values != column.values[row]).astype(np.float64)


def _usual(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, USUAL, method="nearest") if len(known) else (np.nan, np.nan)
    return float(low), float(high)
