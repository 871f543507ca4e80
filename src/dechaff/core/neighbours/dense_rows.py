"""Dense rows compared by the angle between them, in floats or, exactly, in whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import lane_sums, pair_products
from dechaff.core.neighbours.comparable import (
    GRID,
    Comparable,
    ExactScores,
    Positions,
    Scores,
    Which,
    check_columns,
    inverse_lengths,
    row_blocks,
)
from dechaff.errors import InputError

_UNIT = 2.0**-24
"""Largest relative rounding of one float32 operation."""
_SURE_COLUMNS = 64
_DEVIATIONS = 8.0


def checked_matrix(matrix: npt.ArrayLike, n_columns: int | None = None) -> npt.NDArray[Any]:
    """The matrix as an array of numbers with two axes."""
    rows = np.asarray(matrix)
    if rows.ndim != 2 or rows.dtype.kind not in "fiub":
        raise InputError(
            "rows", "be a numeric (n, d) array", f"shape {rows.shape} of {rows.dtype}", "Pass one row per example."
        )
    check_columns(rows.shape[1], n_columns)
    return rows


def squared_lengths(rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """(n,) squared lengths, in double precision and the order of `pair_sums`."""
    found = np.empty(len(rows))
    for some in row_blocks(len(rows)):
        found[some] = lane_sums(np.square(rows[some].astype(np.float64)))
    return found


def product_error(n_columns: int) -> float:
    """Bound on the rounding error of a float32 product of two unit vectors.

    Each of d additions rounds once, never all in one direction: beyond a few columns eight standard
    deviations of a random walk are taken (Higham and Mary 2019), and eight more roundings for the vectors.
    """
    return _UNIT * (min(n_columns, max(_SURE_COLUMNS, _DEVIATIONS * math.sqrt(n_columns))) + 8)


_PLAIN = (1e-18, 1e18)
"""Lengths whose inverse fits float32; rows outside are scaled in double precision."""


@dataclass(frozen=True)
class CosineRows(Comparable):
    """The rows (n, d) as they are, and one over the length of each: 0 for a row of zeros, NaN for one that has any."""

    per_row: ClassVar[tuple[str, ...]] = ("rows", "inverse")
    rows: npt.NDArray[Any]
    inverse: npt.NDArray[np.float64]
    plain: bool

    def like(self, rows: Any) -> CosineRows:
        """Other rows, by their angle."""
        return cosine_rows(rows, n_columns=self.rows.shape[1])

    def left(self, rows: Which) -> Scores:
        """The directions of some rows."""
        inverse = self.inverse[rows, None]
        with np.errstate(invalid="ignore"):
            if self.plain:
                found = self.rows[rows].astype(np.float32, copy=False) * inverse.astype(np.float32)
            else:
                found = (self.rows[rows] * inverse).astype(np.float32)
        bad = np.isnan(inverse[:, 0])
        if bad.any():
            found[bad] = 0.0
        return np.asarray(found)

    def error(self, rows: Which, edge: ExactScores) -> ExactScores:
        """Rounding of a product of two directions; a row of zeros has none."""
        return np.where(self.inverse[rows] > 0, product_error(self.rows.shape[1]), 0.0)

    def exact(self, others: CosineRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Cosines; those with a row of zeros are 0."""
        dots = pair_products(self.rows, others.rows, mine, theirs)
        return np.asarray(np.clip(dots * self.inverse[mine] * others.inverse[theirs], -1.0, 1.0))


def cosine_rows(matrix: npt.ArrayLike, *, n_columns: int | None = None) -> CosineRows:
    """Dense rows, to be compared by the angle between them; a row of zeros is at a right angle to all.

    Parameters
    ----------
    matrix : (n, d) numbers
        Not copied. A row with a NaN or an infinite number has no neighbours.
    n_columns : the number of columns that is required.

    Raises
    ------
    InputError
        If it is no matrix of numbers, or has another number of columns.
    """
    rows = checked_matrix(matrix, n_columns)
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.sqrt(squared_lengths(rows))
        known = lengths[np.isfinite(lengths)]
        longest = known.max(initial=0.0)
        if longest < _PLAIN[0] ** 4 or np.isinf(lengths).any():
            largest = np.abs(rows, where=np.isfinite(rows), out=np.zeros(rows.shape)).max(initial=0.0)
            if not (largest == 0 or _PLAIN[0] ** 4 < largest < _PLAIN[1] ** 4):
                return cosine_rows(np.ldexp(rows.astype(np.float64), -int(np.frexp(largest)[1])))
    plain = bool(known[known > 0].min(initial=1.0) > _PLAIN[0] and longest < _PLAIN[1])
    return CosineRows(rows, inverse_lengths(lengths), plain)


_MOST = 2.0**24
"""Whole numbers up to here are floats of 32 bits; by Cauchy-Schwarz no partial sum is larger than a squared length."""


@dataclass(frozen=True)
class WholeRows(Comparable):
    """Directions (n, d) on a grid of whole numbers, all of about one length."""

    per_row: ClassVar[tuple[str, ...]] = ("rows",)
    rows: npt.NDArray[np.float32]
    length: float

    def like(self, rows: Any) -> WholeRows:
        """Other rows on the same grid."""
        return replace(whole_rows(checked_matrix(rows, self.rows.shape[1])), length=self.length)

    def left(self, rows: Which) -> Scores:
        """Some rows."""
        return self.rows[rows]

    def exact(self, others: WholeRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Products."""
        return pair_products(self.rows, others.rows, mine, theirs)

    def similarity(self, scores: ExactScores) -> ExactScores:
        """Products in units of the longest squared length."""
        return np.asarray(scores / self.length**2)

    def sketch(self, rows: Which) -> Scores:
        """The rows as parts of the longest."""
        return np.asarray(self.rows[rows] / np.float32(self.length))


def whole_rows(matrix: npt.ArrayLike) -> WholeRows:
    """Rows of whole numbers, to be compared by their product.

    Parameters
    ----------
    matrix : (n, d) whole numbers
        Squared lengths stay below 2^24.

    Raises
    ------
    InputError
        If a number is not whole, or a row is too long.
    """
    rows = checked_matrix(matrix).astype(np.float32, copy=False)
    longest = squared_lengths(rows).max(initial=0.0)
    if not longest < _MOST or not (rows == np.rint(rows)).all():
        raise InputError(
            "rows",
            "be whole numbers with squared lengths below 2^24",
            f"a squared length of {longest:.0f}" if not longest < _MOST else "parts of whole numbers",
            "Scale and round the rows.",
        )
    return WholeRows(rows, float(np.sqrt(longest)) if longest > 0 else 1.0)


def direction_rows(matrix: npt.NDArray[np.float64]) -> WholeRows:
    """The directions of rows of floats, rounded to whole numbers on a grid: exact products, the same on every machine.

    Parameters
    ----------
    matrix : (n, d) float
        A row of zeros has no direction, and stays zeros.

    Raises
    ------
    InputError
        If a number is not finite.
    """
    lengths = np.sqrt(np.square(matrix).sum(axis=1, keepdims=True))
    return whole_rows(np.asarray(np.rint(matrix * (GRID / np.where(lengths > 0, lengths, 1.0))), dtype=np.float32))
