"""What a reader hands over: the cells of every column, the source to write back to, and what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import Cells
from dechaff.data.dataset import Assumption
from dechaff.typing import Features, Probs, Texts


@dataclass(frozen=True)
class Read:
    """All rows of a source, before any column has a role.

    ``ids`` are the rows' own names where the source has them beside the columns (a pandas index);
    ``labels`` are labels that were handed in beside the columns; ``content`` is what a row is known by where
    the cells do not say it (pixels, arrays); ``prob_names`` names the columns of ``probs`` in their order.
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
    """Columns that are text by the way they were handed in."""

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
