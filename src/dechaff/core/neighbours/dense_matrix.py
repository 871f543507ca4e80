"""Dense matrices: checked once, never copied whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import lane_sums
from dechaff.errors import InputError

_CHUNK = 4096
_UNIT = 2.0**-24
"""Largest relative rounding of one float32 operation."""
_SURE_COLUMNS = 64
_DEVIATIONS = 8.0


def checked_matrix(matrix: npt.ArrayLike, n_columns: int | None = None) -> npt.NDArray[Any]:
    """The matrix as an array of numbers with two axes."""
    rows = np.asarray(matrix)
    if rows.ndim != 2 or rows.dtype.kind not in "fiub":
        raise InputError(
            "rows", "be a numeric (n, d) array", f"shape {rows.shape} of {rows.dtype}", "Hand in one row an example."
        )
    if n_columns is not None and rows.shape[1] != n_columns:
        raise InputError(
            "queries",
            f"have {n_columns} columns, as the rows have among which neighbours are looked for",
            f"{rows.shape[1]} columns",
            "Prepare both in the same way.",
        )
    return rows


def row_chunks(n_rows: int) -> Iterator[slice]:
    """The rows in runs that are cheap to hold."""
    for start in range(0, n_rows, _CHUNK):
        yield slice(start, start + _CHUNK)


def squared_lengths(rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """(n,) squared lengths, in double precision and the order of `pair_sums`."""
    found = np.empty(len(rows))
    for some in row_chunks(len(rows)):
        found[some] = lane_sums(np.square(rows[some].astype(np.float64)))
    return found


def product_error(n_columns: int) -> float:
    """How far a float32 product of two unit vectors may be off.

    Each of d additions rounds once. All of them in one direction never happens; beyond a few columns eight standard
    deviations of a random walk are taken (Higham and Mary 2019). Eight more roundings are those of the vectors.
    """
    return _UNIT * (min(n_columns, max(_SURE_COLUMNS, _DEVIATIONS * math.sqrt(n_columns))) + 8)
