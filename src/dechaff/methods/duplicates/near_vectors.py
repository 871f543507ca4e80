"""Feature vectors that point in almost the same direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import Pairs, PairScore
from dechaff.core.neighbours import EXACT, ClosePairs, Search, close_pairs, cosine_rows, whole_rows
from dechaff.typing import Features

MIN_COSINE = 0.95
"""On embeddings of photographs, pairs above it are the same shot; on those of questions, the same question reworded."""
PROJECTED_TO = 64
"""Wider vectors are compared in a random projection first; only candidates are compared in full."""
PROJECTION_SLACK = 0.05
"""At cosine .95 the projection errs by (1 - .95^2) / sqrt(64) = .012 (one standard deviation)."""
GRID = 4000
"""Directions are projected in whole numbers, whose products are exact in float32: the same candidates everywhere."""
_USUAL = Search()

Unit = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NearVectors:
    """Pairs, smaller row first, in ascending order; their cosines; and how they were found."""

    pairs: Pairs
    cosine: PairScore
    recall: float
    """Fraction of the neighbours of sampled rows that were compared: 1 if all rows were compared with all."""
    how: str

    @property
    def caveat(self) -> str:
        """How they were found, if some may have been missed."""
        return "" if self.how == EXACT else self.how


def near_vectors(features: Features, *, min_cosine: float = MIN_COSINE, seed: int = 0) -> tuple[Pairs, PairScore]:
    """All pairs of rows whose features, seen from their mean, have a cosine of at least `min_cosine`.

    The mean is taken off first, because embeddings of many networks share one large common direction that makes
    everything look alike. Up to 100,000 rows blocks of the upper triangle are multiplied one by one: time grows with
    n squared, at one multiplication of n x 64 matrices; memory stays with the block. Above, pairs are looked for
    among the 32 nearest rows of each; `find_near_vectors` says how many of those were found.

    Parameters
    ----------
    features : (n, d) float
    min_cosine : smallest cosine of a pair, in (0, 1]
    seed : of the projection

    Returns
    -------
    (m, 2) int64 and (m,) float
        The pairs, smaller row first, in ascending order; and their cosines.

    Source
    ------
    Plain matrix products; random projection: Johnson & Lindenstrauss (1984).

    Examples
    --------
    >>> pairs, cosine = near_vectors(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0], [1.0, 0.001]]))
    >>> pairs.tolist()
    [[0, 3]]
    """
    found = find_near_vectors(features, min_cosine=min_cosine, seed=seed)
    return found.pairs, found.cosine


def find_near_vectors(
    features: Features, *, min_cosine: float = MIN_COSINE, seed: int = 0, search: Search = _USUAL
) -> NearVectors:
    """The same, with how the pairs were found."""
    unit = _unit(features)
    if unit.shape[1] > 2 * PROJECTED_TO and len(unit) <= search.exact_up_to:
        found = _in_projection(unit, min_cosine - PROJECTION_SLACK, seed, search)
    else:
        found = close_pairs(cosine_rows(unit), min_cosine, search=search)
    cosine = cosine_rows(unit).exact(cosine_rows(unit), found.pairs[:, 0], found.pairs[:, 1])
    near = cosine >= min_cosine
    return NearVectors(found.pairs[near], cosine[near], found.recall, found.how)


def _in_projection(unit: Unit, least: float, seed: int, search: Search) -> ClosePairs:
    """Pairs of rows that are near in a random projection, worked out in whole numbers."""
    draws = np.random.default_rng(seed).standard_normal((unit.shape[1], PROJECTED_TO)).astype(np.float32)
    columns = np.rint(_scaled(draws.T) * GRID).T
    projected = _scaled(np.rint(unit * GRID) @ columns)
    return close_pairs(whole_rows(np.rint(projected * GRID)), least * GRID**2, search=search)


def _unit(features: Features) -> Unit:
    centred = features - features.mean(axis=0) if len(features) else features
    return _scaled(centred.astype(np.float32))


def _scaled(vectors: Unit) -> Unit:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)
