"""What every strategy reads and returns: columns as distinct values with their rows, and doubted cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.core.distinct import Distinct
from dechaff.typing import Figures, Numbers, Rows, Texts


@dataclass(frozen=True)
class CellColumn:
    """A column of n cells as text: its k distinct values, how many cells hold each, and the value of each cell."""

    name: str
    distinct: Distinct

    @classmethod
    def of(cls, name: str, cells: Texts) -> CellColumn:
        """The column of these cells.

        Examples
        --------
        >>> column = CellColumn.of("size", np.array(["S", "M", "S", ""], dtype=object))
        >>> column.values.tolist(), column.counts.tolist(), column.codes.tolist()
        (['', 'M', 'S'], [1, 1, 2], [2, 1, 2, 0])
        """
        return cls(name, Distinct.of(cells))

    @property
    def values(self) -> Texts:
        """(k,) distinct values, '' for missing cells first."""
        return self.distinct.values

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(k,) how many cells hold each value."""
        return self.distinct.counts

    @property
    def codes(self) -> Codes:
        """(n,) which of the values each cell holds."""
        return self.distinct.codes

    @property
    def figures(self) -> Figures:
        """(k,) the distinct values as numbers; NaN if it is none, or infinite."""
        return self.distinct.figures

    def cell(self, row: int) -> str:
        """What a cell holds."""
        return str(self.values[self.codes[row]])

    @property
    def n_rows(self) -> int:
        """How many cells there are."""
        return len(self.codes)

    @cached_property
    def n_present(self) -> int:
        """How many cells hold something."""
        return self.n_rows - (int(self.counts[0]) if len(self.values) and self.values[0] == "" else 0)

    @property
    def numbers(self) -> Numbers:
        """(n,) the cells as numbers; NaN if it is none."""
        return self.figures[self.codes]

    @cached_property
    def is_numeric(self) -> bool:
        """Whether at least 19 in 20 of the present cells are numbers."""
        numeric = int(self.counts[self.distinct.is_number].sum())
        return numeric > 0 and numeric >= 0.95 * self.n_present

    def filled(self) -> Iterator[tuple[str, int]]:
        """Each value with its cells, the missing ones left out."""
        for value, count in zip(self.values.tolist(), self.counts.tolist(), strict=True):
            if value:
                yield value, count

    @cached_property
    def n_filled(self) -> int:
        """How many distinct values there are, the missing one aside."""
        return len(self.values) - int(len(self.values) > 0 and self.values[0] == "")

    @cached_property
    def words(self) -> tuple[tuple[str, int], ...]:
        """The values of `filled` that are no finite numbers."""
        rest = np.flatnonzero(~self.distinct.is_number)
        both = zip(self.values[rest].tolist(), self.counts[rest].tolist(), strict=True)
        return tuple((value, count) for value, count in both if value)

    def take(self, rows: Rows) -> CellColumn:
        """The same column, of some rows."""
        return CellColumn(self.name, self.distinct.take(rows).compact)


CellColumns = Mapping[str, CellColumn]


@dataclass(frozen=True)
class Doubt:
    """Why a cell is doubted, what may be right (None: not known; '' = missing), and how sure that is, in [0, 1]."""

    suggested: str | None
    sure: float
    why: str


@dataclass(frozen=True)
class CellDoubts:
    """Doubted cells of one column, in the order of their rows."""

    column: str
    rows: Rows
    doubts: tuple[Doubt, ...]

    @classmethod
    def of_values(cls, column: CellColumn, found: Mapping[str, Doubt]) -> CellDoubts:
        """All cells that hold one of some values."""
        if not found:
            return cls(column.name, np.empty(0, np.int64), ())
        places = {at: found[value] for at, value in enumerate(column.values.tolist()) if value in found}
        held = np.zeros(len(column.values), dtype=bool)
        held[list(places)] = True
        rows = np.flatnonzero(held[column.codes])
        return cls(column.name, rows, tuple(places[code] for code in column.codes[rows].tolist()))


class CellRule(Protocol):
    """What a strategy has learned of some rows; it is said of these, or of new ones."""

    def doubts(self, columns: CellColumns, *, own: bool) -> Iterator[CellDoubts]:
        """The cells that contradict the rule; `own` says that the rule was learned from these rows."""

    def words(self) -> str:
        """The rule as a sentence."""
