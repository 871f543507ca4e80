"""cleanlab's way to make whole numbers of counts that came out broken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix, Labels

Counts = npt.NDArray[np.int64]


def round_preserving_row_totals(counts: ClassMatrix) -> Counts:
    """Whole numbers near `counts` (k, k) whose rows keep their sums, rounded.

    Each is rounded to the nearest, a half to the even one. What a row then lacks goes to those that were rounded down
    by most, the *higher* class first among equals; what it has too much is taken from those that were rounded up by
    most, the lower class first: as cleanlab's sort has it wherever that is stable.

    Examples
    --------
    >>> round_preserving_row_totals(np.array([[1.25, 1.25, 0.5], [1.5, 1.5, 0.0], [0.0, 0.0, 2.0]]))
    array([[1, 1, 1],
           [1, 2, 0],
           [0, 0, 2]])
    """
    rows, columns = np.nonzero(counts)
    return rounded_cells(rows, columns, counts[rows, columns], len(counts))


def rounded_cells(rows: Labels, columns: Labels, values: npt.NDArray[np.float64], k: int) -> Counts:
    """The same for the cells that are not empty, row by row: of many classes, most are."""
    whole = np.rint(values)
    lacking = np.rint(np.bincount(rows, values, k)) - np.bincount(rows, whole, k)
    off, step = values - whole, np.sign(lacking)[rows]
    movable = np.flatnonzero(off * step > 0)
    order = movable[np.lexsort((-(columns * step)[movable], -np.abs(off[movable]), rows[movable]))]
    rank = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
    moved = order[rank < np.abs(lacking)[rows[order]]]
    whole[moved] += step[moved]
    rounded = np.zeros((k, k), dtype=np.int64)
    rounded[rows, columns] = whole
    return rounded
