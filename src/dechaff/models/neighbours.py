"""k nearest neighbours by exact search: the cheap second opinion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.models.model import Codes, Encoding, Matrix, Probabilities

CHUNK = 512
"""Rows whose distances to all others are held at once."""


@dataclass(frozen=True)
class Neighbours:
    """Votes of the nearest rows, the class shares of all rows counting as ``prior_votes`` more.

    With ``cosine`` rows are compared by direction, which suits embeddings and texts.
    """

    n_neighbours: int = 10
    prior_votes: float = 1.0
    cosine: bool = False

    def learn(
        self,
        matrix: Matrix,
        codes: Codes,
        encoding: Encoding,
        *,
        seed: int,
        weight: npt.NDArray[np.float64] | None = None,
    ) -> NeighbourVotes:
        """Remember the rows."""
        rows = _directions(matrix) if self.cosine else matrix
        votes = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=np.float64)
        prior = np.bincount(codes, weights=votes) / votes.sum()
        return NeighbourVotes(rows, _squares(rows), codes, votes, prior, self)


@dataclass(frozen=True)
class NeighbourVotes:
    """The rows (n, d), their squared lengths, codes and votes, and the class shares."""

    rows: Any
    squares: npt.NDArray[Any]
    codes: Codes
    votes: npt.NDArray[np.float64]
    prior: npt.NDArray[np.float64]
    options: Neighbours

    def probs(self, matrix: Matrix) -> Probabilities:
        """Share of the votes of the nearest rows, smoothed by the class shares."""
        queries = _directions(matrix) if self.options.cosine else matrix
        starts = range(0, matrix.shape[0], CHUNK)
        return np.concatenate([self._chunk(queries[start : start + CHUNK]) for start in starts])

    def _chunk(self, queries: Matrix) -> Probabilities:
        n_nearest = min(self.options.n_neighbours, len(self.codes))
        products = queries @ self.rows.T
        products = products.toarray() if hasattr(products, "toarray") else products
        distances = self.squares - 2.0 * products
        nearest = np.argpartition(distances, n_nearest - 1, axis=1)[:, :n_nearest]
        counts = np.tile(self.prior * self.options.prior_votes, (len(nearest), 1))
        np.add.at(counts, (np.arange(len(nearest))[:, None], self.codes[nearest]), self.votes[nearest])
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _squares(rows: Matrix) -> npt.NDArray[Any]:
    squared = rows.multiply(rows) if hasattr(rows, "multiply") else rows * rows
    return np.asarray(squared.sum(axis=1)).ravel()


def _directions(matrix: Matrix) -> Matrix:
    lengths = np.sqrt(_squares(matrix))
    scale = (1.0 / np.where(lengths > 0, lengths, 1.0)).astype(matrix.dtype)
    return matrix.multiply(scale[:, None]).tocsr() if hasattr(matrix, "multiply") else matrix * scale[:, None]
