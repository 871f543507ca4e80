"""How far an embedding is from the others: by the angle to its nearest, and from the middle of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours import Search, cosine_rows, nearest
from dechaff.typing import Chunk, Features, Numbers

_NEAREST = 10


@dataclass(frozen=True)
class CosineDistance:
    """One minus the mean cosine to the ten nearest reference rows of other folds.

    Parameters
    ----------
    vectors, fold : (m, d) and (m,) of the reference rows

    Source
    ------
    Kuan, Mueller (2022), Back to the basics, arXiv 2207.03061: the distance to the nearest in the space of a trained
    model does as well as anything else. Differs: the reference rows are those of the other folds.

    Examples
    --------
    >>> near = CosineDistance(np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([0, 0]))
    >>> near.rows({"vectors": np.array([[3.0, 0.0], [0.0, 1.0]]), "fold": np.array([1, 1])})
    array([0., 1.])
    """

    vectors: npt.NDArray[np.float64]
    fold: npt.NDArray[np.int64]

    @property
    def columns(self) -> tuple[str, ...]:
        """The embeddings, and their folds."""
        return ("vectors", "fold")

    def rows(self, chunk: Chunk) -> Numbers:
        """(n,) float; 1 where there is no other row."""
        vectors, fold = chunk["vectors"], chunk["fold"]
        if not len(vectors):
            return np.zeros(0)
        rows, search = cosine_rows(self.vectors), Search(exact_up_to=len(self.vectors))
        found = nearest(rows, _NEAREST, queries=vectors, apart=self.fold, queries_apart=fold, search=search)
        known = found.ids >= 0
        total = np.where(known, found.similarity, 0.0).sum(axis=1)
        return np.asarray(np.maximum(1.0 - total / np.maximum(known.sum(axis=1), 1), 0.0))


@dataclass(frozen=True)
class MahalanobisDistance:
    """Distance from the middle of the rows of other folds, in units of their shrunk covariance.

    Parameters
    ----------
    middles, inverses : by fold, the mean (d,) and the inverse covariance (d, d) of the rows of all other folds

    Source
    ------
    Ledoit, Wolf (2004), Journal of Multivariate Analysis 88, for the covariance; Lee, Lee, Lee, Shin (2018), A simple
    unified framework for detecting out-of-distribution samples, NeurIPS. Differs: one covariance, without classes.

    Examples
    --------
    >>> far = MahalanobisDistance.of(np.random.default_rng(0).normal(size=(200, 2)), np.arange(200) % 5)
    >>> far.rows({"vectors": np.array([[3.0, 4.0]]), "fold": np.array([0])}).round(0)
    array([5.])
    """

    middles: Mapping[int, npt.NDArray[np.float64]]
    inverses: Mapping[int, npt.NDArray[np.float64]]

    @classmethod
    def of(cls, vectors: Features, fold: npt.NDArray[np.int64]) -> MahalanobisDistance:
        """Means and inverse covariances of the rows outside each fold; of all rows if there are too few."""
        middles, inverses = dict[int, npt.NDArray[np.float64]](), dict[int, npt.NDArray[np.float64]]()
        for one in np.unique(fold).tolist():
            others = vectors[fold != one] if (fold != one).sum() > 1 else vectors
            middles[one] = np.asarray(others.mean(axis=0), dtype=np.float64)
            inverses[one] = np.asarray(np.linalg.pinv(shrunk_covariance(others), hermitian=True), dtype=np.float64)
        return cls(middles, inverses)

    @property
    def columns(self) -> tuple[str, ...]:
        """The embeddings, and their folds."""
        return ("vectors", "fold")

    def rows(self, chunk: Chunk) -> Numbers:
        """(n,) float, at least 0."""
        from scipy.spatial.distance import cdist  # here and not above: a quarter of a second at every start

        vectors, fold = chunk["vectors"], chunk["fold"]
        found = np.zeros(len(fold))
        for one in np.unique(fold).tolist():
            known = one if one in self.middles else next(iter(self.middles))
            mine = np.flatnonzero(fold == one)
            middle, inverse = self.middles[known], self.inverses[known]
            found[mine] = cdist(vectors[mine], middle[None, :], metric="mahalanobis", VI=inverse)[:, 0]
        return found


def shrunk_covariance(rows: Features) -> npt.NDArray[np.float64]:
    """The covariance, drawn towards a sphere as far as its own noise asks for.

    Parameters
    ----------
    rows : (n, d) float

    Source
    ------
    Ledoit, Wolf (2004), Journal of Multivariate Analysis 88, 365-411, lemma 3.2 to 3.4.

    Examples
    --------
    >>> shrunk_covariance(np.array([[0.0, 0.0], [2.0, 2.0]])).round(2)
    array([[1., 1.],
           [1., 1.]])
    """
    n, d = rows.shape
    centred = rows - rows.mean(axis=0)
    covariance = centred.T @ centred / max(n, 1)
    level = float(np.trace(covariance)) / max(d, 1)
    apart = float(np.square(covariance).sum()) - d * level**2
    lengths = np.square(centred).sum(axis=1)
    noise = float(np.square(lengths).sum() / max(n, 1) - np.square(covariance).sum()) / max(n, 1)
    weight = min(1.0, max(0.0, noise / apart)) if apart > 0 else 0.0
    return np.asarray((1 - weight) * covariance + weight * level * np.eye(d))
