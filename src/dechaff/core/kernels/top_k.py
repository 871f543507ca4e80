"""The k largest numbers of each row and each column of a matrix that comes in blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.native import kernel

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class TopK:
    """The k largest values of n lines so far, and the ids of the positions where they were found.

    Largest first, of equal ones the smaller id first; -inf and -1 if fewer than k have come. A part of it
    (`lines`) is a view, so that what is seen in a block is written into the whole.
    """

    values: npt.NDArray[np.float32]
    """(n, k)."""
    ids: npt.NDArray[np.int32]
    """(n, k)."""

    def lines(self, place: slice) -> TopK:
        """A run of the lines."""
        return TopK(self.values[place], self.ids[place])


def top_k_of_nothing(n: int, k: int) -> TopK:
    """n lines before any number."""
    return TopK(np.full((n, k), -np.inf, dtype=np.float32), np.full((n, k), -1, dtype=np.int32))


def see_block(
    block: npt.NDArray[np.float32],
    rows: TopK,
    columns: TopK | None = None,
    *,
    first_row: int = 0,
    first_column: int = 0,
    one_set: bool = True,
) -> None:
    """Brings `rows` (and `columns`) up to date with a block of the matrix; NaN and -inf never count.

    The answer does not depend on the order of the blocks, nor on their size. Threads may share the work as long as
    no two of them write the same lines.

    Parameters
    ----------
    block : (r, c) float32
        A part of the matrix, its rows contiguous; a copy is made if they are not.
    rows : TopK of r lines
        Of the block's rows: the ids are those of columns. Written into.
    columns : TopK of c lines
        Of the block's columns: the ids are those of rows. Of a symmetric matrix only the blocks above the diagonal need
        be passed if this is given; leave it out for the blocks on the diagonal. Written into.
    first_row, first_column : int
        Ids of the block's first row and first column.
    one_set : bool
        Whether rows and columns are the same items: then a pair of equal ids does not count.

    Examples
    --------
    >>> import numpy as np
    >>> seen = top_k_of_nothing(2, 1)
    >>> see_block(np.array([[9, 1, 5], [1, 9, 5]], dtype=np.float32), seen)
    >>> seen.ids.tolist(), seen.values.tolist()
    ([[2], [2]], [[5.0], [5.0]])
    """
    if block.strides[1] != block.itemsize or block.strides[0] % block.itemsize:
        block = np.ascontiguousarray(block)
    native = kernel()
    if native.library is None:
        _see_block(block, rows, columns, (first_row, first_column), one_set)
        return
    n_rows, n_columns = block.shape
    stride, k = block.strides[0] // block.itemsize, rows.values.shape[1]
    least = None if columns is None else np.empty(n_columns, dtype=np.float32)
    known = (None, None) if columns is None else (columns.values, columns.ids)
    shape = (n_rows, n_columns, stride, first_row, first_column)
    native("top_k", block, *shape, one_set, k, rows.values, rows.ids, *known, least)


def _see_block(
    block: npt.NDArray[np.float32], rows: TopK, columns: TopK | None, first: tuple[int, int], one_set: bool
) -> None:
    row_ids, column_ids = (start + np.arange(size) for start, size in zip(first, block.shape, strict=True))
    counts = block > -np.inf  # not of NaN
    if one_set:
        counts &= row_ids[:, None] != column_ids
    values = np.where(counts, block, np.float32(-np.inf))
    _see_lines(values, rows, column_ids)
    if columns is not None:
        _see_lines(np.ascontiguousarray(values.T), columns, row_ids)


def _see_lines(values: npt.NDArray[np.float32], known: TopK, ids: npt.NDArray[Any]) -> None:
    """The k largest of the old and the new values, line by line."""
    k = known.values.shape[1]
    least = known.values[:, -1]
    if values.shape[1] > k:
        least = np.maximum(least, np.partition(values, -k, axis=1)[:, -k])
    line, place = np.nonzero((values >= least[:, None]) & (values > -np.inf))
    keep_best(known.values, known.ids, line, values[line, place], ids[place])


def keep_best(values: Numbers, ids: Numbers, line: Numbers, new_values: Numbers, new_ids: Numbers) -> None:
    """Brings the k largest values of each line (n, k) and their ids up to date with new ones of some lines."""
    old, at = np.nonzero(ids >= 0)
    lines = np.concatenate([old, line])
    all_values, all_ids = np.concatenate([values[old, at], new_values]), np.concatenate([ids[old, at], new_ids])
    order = np.lexsort((all_ids, -all_values, lines))
    rank = np.arange(len(order)) - np.searchsorted(lines[order], lines[order])
    first = rank < values.shape[1]
    kept = order[first]
    values[lines[kept], rank[first]] = all_values[kept]
    ids[lines[kept], rank[first]] = all_ids[kept]
