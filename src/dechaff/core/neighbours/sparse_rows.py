"""Sparse rows, such as the TF-IDF of texts, compared by the angle or the distance between them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.pair_sums import pairs_in_parts
from dechaff.core.neighbours.comparable import (
    Comparable,
    ExactScores,
    Positions,
    Scores,
    Which,
    check_columns,
    inverse_lengths,
)
from dechaff.errors import InputError

Block = tuple[Any, npt.NDArray[np.float64]]
"""Some rows, and one over their lengths."""
_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class _SparseRows(Comparable):
    """A CSR matrix with sorted indices, and a number of each row by its length: NaN for one with a NaN.

    Products of sparse rows are sums in the order of the columns, in double precision: the same bits on every machine.
    """

    per_row: ClassVar[tuple[str, ...]] = ("matrix", "by_length")
    matrix: Any
    by_length: npt.NDArray[np.float64]
    _: KW_ONLY
    block_rows: int = 1024

    def left(self, rows: Which) -> Block:
        """Some rows."""
        return self.matrix[rows].astype(np.float64), np.nan_to_num(self.by_length[rows])

    def right(self, rows: Which) -> Block:
        """Some rows as columns."""
        return self.matrix[rows].astype(np.float64).T.tocsr(), np.nan_to_num(self.by_length[rows])

    def sketch(self, rows: Which) -> Scores:
        """None: sparse products are cheap enough to compare all with all."""
        return np.empty((len(self.by_length[rows]), 0), dtype=np.float32)


@dataclass(frozen=True)
class SparseCosineRows(_SparseRows):
    """Sparse rows with one over the length of each: 0 if empty."""

    def like(self, rows: Any) -> SparseCosineRows:
        """Other sparse rows, by their angle."""
        return sparse_cosine_rows(rows, n_columns=self.matrix.shape[1])

    def scores(self, left: Block, right: Block, out: Scores) -> Scores:
        """Cosines."""
        products = (left[0] @ right[0]).toarray()
        products *= left[1][:, None]
        products *= right[1]
        out[:] = products
        return out

    def exact(self, others: SparseCosineRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Cosines of single pairs."""
        found = _pair_products(self.matrix, others.matrix, mine, theirs)
        return np.asarray(np.clip(found * self.by_length[mine] * others.by_length[theirs], -1.0, 1.0))


@dataclass(frozen=True)
class SparseEuclideanRows(_SparseRows):
    """Sparse rows with half the squared length of each."""

    _: KW_ONLY
    by_angle: bool = False

    def like(self, rows: Any) -> SparseEuclideanRows:
        """Other sparse rows, by their distance."""
        return sparse_euclidean_rows(rows, n_columns=self.matrix.shape[1])

    def scores(self, left: Block, right: Block, out: Scores) -> Scores:
        """Half the squared distance, negative."""
        products = (left[0] @ right[0]).toarray()
        products -= left[1][:, None] + right[1]
        out[:] = products
        return out

    def exact(self, others: SparseEuclideanRows, mine: Positions, theirs: Positions) -> ExactScores:
        """Half the squared distance of single pairs, negative."""
        products = _pair_products(self.matrix, others.matrix, mine, theirs)
        return np.asarray(products - (self.by_length[mine] + others.by_length[theirs]))

    def similarity(self, scores: ExactScores) -> ExactScores:
        """The distance, negative."""
        return np.asarray(-np.sqrt(np.maximum(-2.0 * scores, 0.0)))


def sparse_cosine_rows(matrix: Any, *, n_columns: int | None = None) -> SparseCosineRows:
    """Sparse rows, to be compared by the angle between them; an empty row is at a right angle to all.

    Parameters
    ----------
    matrix : (n, d) scipy.sparse matrix or array
        A row with a NaN has no neighbours.
    n_columns : the number of columns that is required.

    Raises
    ------
    InputError
        If it is not sparse, or has another number of columns.
    """
    rows, squares = _checked(matrix, n_columns)
    return SparseCosineRows(rows, inverse_lengths(np.sqrt(squares)))


def sparse_euclidean_rows(matrix: Any, *, n_columns: int | None = None) -> SparseEuclideanRows:
    """Sparse rows, to be compared by the distance between them. Parameters and errors as in `sparse_cosine_rows`."""
    rows, squares = _checked(matrix, n_columns)
    return SparseEuclideanRows(rows, np.where(np.isfinite(squares), squares / 2, np.nan))


def _checked(matrix: Any, n_columns: int | None) -> tuple[Any, npt.NDArray[np.float64]]:
    """The matrix in canonical form, and the squared lengths of its rows."""
    if not hasattr(matrix, "tocsr"):
        found = type(matrix).__name__
        raise InputError("rows", "be a scipy.sparse matrix", found, "Use cosine_rows or euclidean_rows for arrays.")
    check_columns(matrix.shape[1], n_columns)
    rows = matrix.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    of_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    with np.errstate(over="ignore"):
        squares = np.square(rows.data.astype(np.float64))
    return rows, np.bincount(of_row, weights=squares, minlength=rows.shape[0]).astype(np.float64)


def _pair_products(left: Any, right: Any, mine: Positions, theirs: Positions) -> ExactScores:
    def products(mine: Positions, theirs: Positions) -> ExactScores:
        both = left[mine].astype(np.float64).multiply(right[theirs].astype(np.float64))
        return np.asarray(both.sum(axis=1)).ravel()

    return pairs_in_parts(products, mine, theirs, row_numbers=1, at_once=_AT_ONCE)
