"""cleanlab's way to make whole numbers of counts that came out broken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix


def round_preserving_row_totals(counts: ClassMatrix) -> npt.NDArray[np.int64]:
    """Whole numbers near `counts` (k, k) whose rows keep their sums, rounded.

    Each is rounded to the nearest, a half to the even one. What a row then lacks goes to those that were rounded down
    by most, the *higher* class first among equals; what it has too much is taken from those that were rounded up by
    most, the lower class first: as cleanlab's sort has it wherever that is stable.

    Examples
    --------
    >>> round_preserving_row_totals(np.array([[1.25, 1.25, 0.5], [1.5, 1.5, 0.0]]))
    array([[1, 1, 1],
           [2, 1, 0]])
    """
    whole = np.rint(counts)
    lacking = np.rint(counts.sum(axis=1)) - whole.sum(axis=1)
    off = counts - whole
    # Only cells that were rounded the other way can move; of many classes, most cells are empty.
    rows, columns = np.nonzero(np.sign(off) * np.sign(lacking)[:, None] > 0)
    step = np.sign(lacking[rows])
    order = np.lexsort((-columns * step, -np.abs(off[rows, columns]), rows))
    rank = np.arange(len(order)) - np.searchsorted(rows, rows)  # np.nonzero gives the rows in order
    moved = order[rank < np.abs(lacking)[rows]]
    whole[rows[moved], columns[moved]] += step[moved]
    return np.asarray(whole.astype(np.int64))
