"""Dense rows compared by the angle between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import pair_products
from dechaff.core.neighbours.comparable import ExactScores, Positions, Scores, Which
from dechaff.core.neighbours.dense_matrix import checked_matrix, product_error, squared_lengths

_PLAIN = (1e-18, 1e18)
"""Lengths whose inverse float32 holds; rows outside are scaled in double precision."""


@dataclass(frozen=True)
class CosineRows:
    """The rows (n, d) as they are, and one over the length of each: 0 for a row of zeros, NaN for one that has any."""

    rows: npt.NDArray[Any]
    inverse: npt.NDArray[np.float64]
    plain: bool
    block_rows: int = 2048
    by_angle: bool = True
    loose: int = 1

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Rows with numbers only."""
        return np.isfinite(self.inverse)

    def like(self, rows: Any) -> CosineRows:
        """Other rows, by their angle."""
        return cosine_rows(rows, n_columns=self.rows.shape[1])

    def take(self, rows: Positions) -> CosineRows:
        """Some of the rows."""
        return replace(self, rows=self.rows[rows], inverse=self.inverse[rows])

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

    def right(self, rows: Which) -> Scores:
        """The same: the cosine is symmetric."""
        return self.left(rows)

    def scores(self, left: Scores, right: Scores, out: Scores) -> Scores:
        """Cosines, off by some rounding that depends on the machine."""
        return np.matmul(left, right.T, out=out)

    def error(self, rows: Which, edge: ExactScores) -> ExactScores:
        """Rounding of a product of two directions; a row of zeros has none."""
        return np.where(self.inverse[rows] > 0, product_error(self.rows.shape[1]), 0.0)

    def exact(self, others: CosineRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Cosines; those with a row of zeros are 0."""
        dots = pair_products(self.rows, others.rows, mine, theirs)
        return np.asarray(np.clip(dots * self.inverse[mine] * others.inverse[theirs], -1.0, 1.0))

    def similarity(self, scores: ExactScores) -> ExactScores:
        """The cosine itself."""
        return scores

    def sketch(self, rows: Which) -> Scores:
        """The directions."""
        return self.left(rows)


def cosine_rows(matrix: npt.ArrayLike, *, n_columns: int | None = None) -> CosineRows:
    """Dense rows, to be compared by the angle between them; a row of zeros is at a right angle to all.

    Parameters
    ----------
    matrix : (n, d) numbers
        Not copied. A row with a NaN or an infinite number has no neighbours.
    n_columns : as many as there must be.

    Raises
    ------
    InputError
        Where it is no matrix of numbers, or has another number of columns.
    """
    rows = checked_matrix(matrix, n_columns)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lengths = np.sqrt(squared_lengths(rows))
        known = lengths[np.isfinite(lengths)]
        longest = known.max(initial=0.0)
        if longest < _PLAIN[0] ** 4 or np.isinf(lengths).any():
            largest = np.abs(rows, where=np.isfinite(rows), out=np.zeros(rows.shape)).max(initial=0.0)
            if not (largest == 0 or _PLAIN[0] ** 4 < largest < _PLAIN[1] ** 4):
                return cosine_rows(np.ldexp(rows.astype(np.float64), -int(np.frexp(largest)[1])))
        inverse = np.where(lengths > 0, 1.0 / lengths, np.where(lengths == 0, 0.0, np.nan))
    inverse[~np.isfinite(lengths)] = np.nan
    plain = bool(known[known > 0].min(initial=1.0) > _PLAIN[0] and longest < _PLAIN[1])
    return CosineRows(rows, inverse, plain)
