"""k nearest neighbours: a cheap second model, and the most similar rows as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours import (
    Nearest,
    Search,
    cosine_rows,
    euclidean_rows,
    nearest,
    sparse_cosine_rows,
    sparse_euclidean_rows,
)
from dechaff.models.model import Codes, EncodedBound, Matrix, Probabilities, TrainingRows

_ROWS_AT_ONCE = 1 << 16
"""Rows per batch when votes are counted."""


@dataclass(frozen=True)
class Neighbours:
    """k-NN classifier: votes of the nearest rows, smoothed by ``prior_votes`` votes split by class frequency.

    With ``cosine``, rows are compared by angle, which suits embeddings and texts; else by Euclidean distance. Ties are
    broken by row number. The search is exact up to 100,000 rows; above, `NeighbourVotes.nearest` reports its recall.

    Source
    ------
    Cover, Hart (1967), IEEE Transactions on Information Theory 13. Differs: smoothed by the class frequencies.
    """

    n_neighbours: int = 10
    prior_votes: float = 1.0
    cosine: bool = False

    def learn(self, rows: TrainingRows, *, seed: int) -> NeighbourVotes:
        """Store the rows."""
        votes = rows.votes()
        prior = np.bincount(rows.codes, weights=votes) / votes.sum()
        return NeighbourVotes(rows.matrix, rows.codes, votes, prior, self)


@dataclass(frozen=True)
class NeighbourVotes:
    """The rows (n, d), their codes (n,) and votes (n,), and the class frequencies (k,)."""

    rows: Any
    codes: Codes
    votes: npt.NDArray[np.float64]
    prior: npt.NDArray[np.float64]
    options: Neighbours

    def probs(self, matrix: Matrix) -> Probabilities:
        """(m, k) smoothed fraction of the votes of the nearest rows."""
        ids = self.nearest(matrix).ids
        starts = range(0, len(ids), _ROWS_AT_ONCE)
        parts = [self._fractions(ids[start : start + _ROWS_AT_ONCE]) for start in starts]
        return np.concatenate(parts) if parts else np.empty((0, len(self.prior)))

    def nearest(self, matrix: Matrix) -> Nearest:
        """The nearest training rows of each row of the matrix, and the kind and recall of the search."""
        count = min(self.options.n_neighbours, len(self.codes))
        return nearest(comparable_rows(self.rows, cosine=self.options.cosine), count, queries=matrix)

    def _fractions(self, ids: npt.NDArray[np.int64]) -> Probabilities:
        counts = np.tile(self.prior * self.options.prior_votes, (len(ids), 1))
        rows, places = np.nonzero(ids >= 0)
        voters = ids[rows, places]
        np.add.at(counts, (rows, self.codes[voters]), self.votes[voters])
        total = counts.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, counts / np.where(total > 0, total, 1.0), self.prior))


def comparable_rows(matrix: Matrix, *, cosine: bool) -> Any:
    """The rows of a dense or sparse matrix, ready to be compared by angle or by distance."""
    if hasattr(matrix, "tocsr"):
        return sparse_cosine_rows(matrix) if cosine else sparse_euclidean_rows(matrix)
    return cosine_rows(matrix) if cosine else euclidean_rows(matrix)


def nearest_rows(bound: Any, rows: npt.NDArray[np.int64], *, count: int) -> npt.NDArray[np.int64]:
    """(m, count) positions of the nearest other rows, the nearest first; (m, 0) if rows cannot be compared.

    Sparse representations (texts) are compared by angle; dense ones by distance, standardised, with missing numbers at
    the mean.

    Parameters
    ----------
    bound : a model bound to n rows
    rows : (m,) int
        Rows whose neighbours are searched; few, because each is compared with all n.
    count : int
        Number of neighbours; at most n - 1 are returned.
    """
    matrix = bound.matrix if isinstance(bound, EncodedBound) and _holds_numbers(bound.matrix) else None
    count = 0 if matrix is None else min(count, matrix.shape[0] - 1)
    if matrix is None or count <= 0 or len(rows) == 0:
        return np.zeros((len(rows), 0), dtype=np.int64)
    sparse = hasattr(matrix, "tocsr")
    numbers = matrix.tocsr() if sparse else _scaled(np.asarray(matrix))
    few = Search(exact_up_to=numbers.shape[0])
    comparable = comparable_rows(numbers, cosine=sparse)
    return nearest(comparable, count, queries=numbers[rows], queries_apart=rows, search=few).ids


def _holds_numbers(matrix: Any) -> bool:
    """False for a user's estimator, whose matrix is an array of texts or a data frame."""
    from scipy.sparse import issparse

    dense = isinstance(matrix, np.ndarray) and matrix.ndim == 2 and matrix.dtype.kind in "fiub"
    return dense or bool(issparse(matrix))


def _scaled(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    values = matrix.astype(np.float64)
    values[:, np.isnan(values).all(axis=0)] = 0.0  # numpy warns about columns of NaN only
    mean = np.nan_to_num(np.nanmean(values, axis=0, keepdims=True))
    spread = np.nanstd(values, axis=0, keepdims=True)
    return np.asarray(np.nan_to_num((values - mean) / np.where(spread > 0, spread, 1.0)))
