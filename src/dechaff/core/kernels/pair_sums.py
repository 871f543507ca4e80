"""Sums over the columns of single pairs of rows, in one fixed order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.native import kernel

_LANES = 8
"""Columns are added up in eight sums, column j to sum j mod 8, and these in pairs: a processor adds eight at once, and
the order stays the same on every one."""
_AT_ONCE = 1 << 18
"""Numbers that are held at once."""

Exact = npt.NDArray[np.float64]
Which = npt.NDArray[np.int64]
_Combined = Callable[[Exact, Exact], Exact]


def pair_products(left: npt.NDArray[Any], right: npt.NDArray[Any], mine: Which, theirs: Which) -> Exact:
    """(m,) the sum of the products of ``left[mine]`` and ``right[theirs]`` over their columns, in double precision.

    Products of two float32 are exact there, so that only the additions round, in the same order wherever and with
    whatever other pairs they are made.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> pair_products(rows, rows, np.array([0, 1]), np.array([1, 1]))
    array([11., 25.])
    """
    return _pair_sums(left, right, mine, theirs, np.multiply)


def pair_squares(left: npt.NDArray[Any], right: npt.NDArray[Any], mine: Which, theirs: Which) -> Exact:
    """(m,) the sum of the squared differences of ``left[mine]`` and ``right[theirs]``, in the same order.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> pair_squares(rows, rows, np.array([0, 1]), np.array([1, 1]))
    array([8., 0.])
    """
    return _pair_sums(left, right, mine, theirs, _squared_difference)


def lane_sums(values: npt.NDArray[Any]) -> Exact:
    """(m,) the sum of each row of (m, d) numbers in double precision, in the order of this module."""
    n, d = values.shape
    lanes = np.zeros((n, _LANES))
    for start in range(0, d, _LANES):
        part = values[:, start : start + _LANES]
        lanes[:, : part.shape[1]] += part
    half = lanes[:, :4] + lanes[:, 4:]
    quarter = half[:, :2] + half[:, 2:]
    return np.asarray(quarter[:, 0] + quarter[:, 1])


def _squared_difference(left: Exact, right: Exact) -> Exact:
    return np.asarray(np.square(left - right))


def _pair_sums(
    left: npt.NDArray[Any], right: npt.NDArray[Any], mine: Which, theirs: Which, combined: _Combined
) -> Exact:
    native = kernel()
    if native.library is not None and all(map(_plain, (left, right))):
        sums = np.empty(len(mine))
        strides = (left.strides[0] // left.itemsize, right.strides[0] // right.itemsize)
        where = (np.ascontiguousarray(mine, dtype=np.int64), np.ascontiguousarray(theirs, dtype=np.int64))
        differences = combined is _squared_difference
        native("pair_sums", left, right, left.shape[1], *strides, *where, len(mine), differences, sums)
        return sums
    return _in_numpy(left, right, mine, theirs, combined)


def _in_numpy(
    left: npt.NDArray[Any], right: npt.NDArray[Any], mine: Which, theirs: Which, combined: _Combined
) -> Exact:
    def sums(mine: Which, theirs: Which) -> Exact:
        both = combined(left[mine].astype(np.float64, copy=False), right[theirs].astype(np.float64, copy=False))
        return lane_sums(both)

    return pairs_in_parts(sums, mine, theirs, row_numbers=left.shape[1])


def pairs_in_parts(
    of_pairs: Callable[[Which, Which], Any], mine: Which, theirs: Which, *, row_numbers: int, at_once: int = _AT_ONCE
) -> Exact:
    """(m,) one number for each pair of rows, some pairs at a time to save memory."""
    found = np.empty(len(mine))
    step = max(1, at_once // max(row_numbers, 1))
    for start in range(0, len(mine), step):
        some = slice(start, start + step)
        found[some] = of_pairs(mine[some], theirs[some])
    return found


def _plain(rows: npt.NDArray[Any]) -> bool:
    """Whether the native kernel reads it: float32, the numbers of a row side by side."""
    by_number = rows.shape[1] < 2 or rows.strides[1] == rows.itemsize
    return rows.dtype == np.float32 and rows.dtype.isnative and by_number and rows.strides[0] % rows.itemsize == 0
