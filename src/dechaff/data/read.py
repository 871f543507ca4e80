"""What a reader returns: the cells of every column, the source to write back to, and what was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import Cells, Stored
from dechaff.data.dataset import Assumption
from dechaff.data.source import Source
from dechaff.typing import Features, Probs, Texts


@dataclass(frozen=True)
class Read:
    """All rows of a source, before any column has a role.

    ``ids`` are the rows' own names where the source has them beside the columns (a pandas index);
    ``labels`` are labels that were passed beside the columns; ``content`` is what a row is known by where
    the cells do not show it (pixels, arrays); ``prob_names`` names the columns of ``probs`` in their order.
    """

    cells: tuple[Cells, ...]
    n_rows: int
    source: Any
    """The way back: a `Source`; of a part of a file, its own text or table."""
    assumptions: tuple[Assumption, ...] = ()
    ids: Texts | None = None
    ids_name: str = ""
    labels: Cells | None = None
    content: Texts | None = None
    probs: Probs | None = None
    prob_names: tuple[str, ...] | None = None
    features: Features | None = None
    texts: tuple[str, ...] = field(default=())
    """Columns that are text by the way they were passed."""

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(cells.name for cells in self.cells)

    def column(self, name: str) -> Cells | None:
        """The column of this name, if there is one."""
        return next((cells for cells in self.cells if cells.name == name), None)

    def of_rows(self, rows: npt.NDArray[Any]) -> tuple[Cells, ...]:
        """The columns, of some rows."""
        if len(rows) == self.n_rows and bool((rows == np.arange(self.n_rows)).all()):
            return self.cells
        return tuple(cells.take(rows) for cells in self.cells)


def joined_reads(reads: Sequence[Read], source: Source) -> Read:
    """All rows of some blocks; a column that a block lacks is missing there.

    Parameters
    ----------
    reads : at least one
    source : what the rows are of.
    """
    names = list(dict.fromkeys(name for read in reads for name in read.names))
    cells = tuple(
        joined_cells([read.column(name) or absent_cells(name, read.n_rows) for read in reads]) for name in names
    )
    return Read(cells, sum(read.n_rows for read in reads), source)


def joined_cells(parts: Sequence[Cells]) -> Cells:
    """One column of several."""
    stored = stored_together(parts)
    missing = np.concatenate([part.missing for part in parts])
    figures = None
    if stored in ("integer", "number", "boolean", "date") or (
        stored == "category" and all(part.numbers is not None for part in parts)
    ):
        figures = np.concatenate([_figures(part) for part in parts])
    return Cells(parts[0].name, np.concatenate([part.raw for part in parts]), missing, stored, figures)


def stored_together(parts: Sequence[Cells]) -> Stored:
    """What a column is stored as, from its blocks; blocks without any value are ignored.

    Examples
    --------
    >>> from dechaff.data.columns.cells import cells_from_values
    >>> whole, half = cells_from_values("x", [1, 2]), cells_from_values("x", [None, 2.5])
    >>> stored_together([whole, half]), stored_together([half, cells_from_values("x", ["a"])])
    ('number', 'text')
    """
    kinds = {part.stored for part in parts if not part.missing.all()}
    if len(kinds) <= 1:
        return kinds.pop() if kinds else parts[0].stored
    if "nested" in kinds:
        return "nested"
    if kinds == {"integer", "number"}:
        return "number"
    return "category" if kinds == {"category", "text"} else "text"


def _figures(part: Cells) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(len(part), np.nan) if part.numbers is None else part.numbers


def absent_cells(name: str, n_rows: int) -> Cells:
    """A column that is not there: missing in every row."""
    empty = np.full(n_rows, "", dtype=object)
    return Cells(name, empty, np.ones(n_rows, dtype=bool), "text")
