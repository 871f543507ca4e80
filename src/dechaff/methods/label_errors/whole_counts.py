"""Counts that came out broken, as whole ones with the same sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix


def whole_counts(counts: ClassMatrix) -> npt.NDArray[np.int64]:
    """Whole numbers near `counts` whose rows keep their sums, rounded.

    The largest remainders of a row are rounded up, the lower class first among equals.

    Parameters
    ----------
    counts : (k, k) float, at least 0

    Returns
    -------
    (k, k) int

    Source
    ------
    The method of largest remainders (Hamilton, 1792), which cleanlab 2.9 uses as ``round_preserving_row_totals``.

    Examples
    --------
    >>> import numpy as np
    >>> whole_counts(np.array([[1.25, 0.75], [0.5, 0.5]]))
    array([[1, 1],
           [1, 0]])
    """
    whole = counts.astype(np.int64)  # cuts, which is the floor of what is not negative
    missing = np.rint(counts.sum(axis=1)).astype(np.int64) - whole.sum(axis=1)
    # Only cells with a remainder can be rounded up; of many classes, most cells are empty.
    rows, columns = np.nonzero(counts)
    remainder = counts[rows, columns] - whole[rows, columns]
    order = np.lexsort((columns, -remainder, rows))
    rank = np.arange(len(order)) - np.searchsorted(rows, rows)  # np.nonzero gives the rows in order
    up = order[rank < missing[rows]]
    whole[rows[up], columns[up]] += 1
    return whole
