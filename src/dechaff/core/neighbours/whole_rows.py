"""Rows of whole numbers compared by their product, which float32 computes exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import pair_products
from dechaff.core.neighbours.comparable import ExactScores, Positions, Scores, Which
from dechaff.core.neighbours.dense_matrix import checked_matrix, squared_lengths
from dechaff.errors import InputError

_MOST = 2.0**24
"""Whole numbers up to here are floats of 32 bits; by Cauchy-Schwarz no partial sum is larger than a squared length."""


@dataclass(frozen=True)
class WholeRows:
    """Directions (n, d) on a grid of whole numbers, all of about one length."""

    rows: npt.NDArray[np.float32]
    length: float
    block_rows: int = 2048
    by_angle: bool = True
    loose: int = 1

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """All rows."""
        return np.ones(len(self.rows), dtype=bool)

    def like(self, rows: Any) -> WholeRows:
        """Other rows on the same grid."""
        return replace(whole_rows(checked_matrix(rows, self.rows.shape[1])), length=self.length)

    def take(self, rows: Positions) -> WholeRows:
        """Some of the rows."""
        return replace(self, rows=self.rows[rows])

    def left(self, rows: Which) -> Scores:
        """Some rows."""
        return self.rows[rows]

    def right(self, rows: Which) -> Scores:
        """Some rows."""
        return self.rows[rows]

    def scores(self, left: Scores, right: Scores, out: Scores) -> Scores:
        """Products, exact."""
        return np.matmul(left, right.T, out=out)

    def error(self, rows: Which, edge: ExactScores) -> None:
        """None: whole numbers."""

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
        Where a number is not whole, or a row is too long.
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
