"""Rows of a table that agree but for tiny differences in a few numbers; vectors of almost the same direction."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import combine_codes, factorize
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.neighbours import EXACT, ClosePairs, Search, close_pairs, cosine_rows, whole_rows
from dechaff.typing import Features, Labels

N_BLOCKS = 4
"""Numbers that differ in at most two columns agree in at least two of four blocks of columns."""
MOST_DIFFERING = 2
TINY = 1e-3
"""A difference is tiny below a thousandth of the spread of its column (distance of the quartiles)."""
MIN_COLUMNS = 4
TINY_SHARE = 0.5
"""Of all pairs that agree in the other columns, at least this fraction must differ by a tiny amount only."""


def near_rows(numbers: Features, others: Labels) -> tuple[Pairs, PairScore]:
    """Pairs of rows that are equal except for tiny differences in one or two of their numbers.

    Copies that went through another program differ by rounding; rows that merely coincide in the other columns
    differ by any amount. So the pairs that agree in all but two numbers are collected whatever their difference,
    and named only if most of them differ by next to nothing: otherwise near misses are the nature of the table.

    Parameters
    ----------
    numbers : (n, d) float, NaN if missing (missing equals missing)
    others : (n,) int64
        One code a row over all columns that are no numbers.

    Returns
    -------
    (m, 2) int64 and (m,) float
        Pairs, smaller row first; and their similarity: one minus the largest difference in spreads, halved.

    Source
    ------
    Own; candidates by the pigeonhole principle (Manku, Jain, Sarma 2007, for bits of fingerprints).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = rng.normal(size=(50, 6))
    >>> table[7] = table[3]
    >>> table[7, 2] += 1e-6
    >>> near_rows(table, np.zeros(50, dtype=np.int64))[0].tolist()
    [[3, 7]]
    """
    n, d = numbers.shape
    pairs = _candidates(numbers, others) if d >= MIN_COLUMNS and n > 1 else np.empty((0, 2), dtype=np.int64)
    if len(pairs) == 0:
        return pairs, np.empty(0)
    spread = _spread(numbers)
    left, right = numbers[pairs[:, 0]], numbers[pairs[:, 1]]
    unequal = (left != right) & ~(np.isnan(left) & np.isnan(right))
    few = unequal.any(axis=1) & (unequal.sum(axis=1) <= MOST_DIFFERING)
    pairs, unequal = pairs[few], unequal[few]
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.where(unequal, np.abs(left[few] - right[few]) / spread, 0.0)
    largest = np.where(np.isnan(difference), np.inf, difference).max(axis=1, initial=0.0)
    tiny = largest < TINY
    if tiny.sum() < TINY_SHARE * len(pairs):
        tiny[:] = False
    return pairs[tiny], 1 - largest[tiny] / TINY / 2


def _candidates(numbers: Features, others: Labels) -> Pairs:
    """Rows that agree in two blocks of columns: each with the one before it and the first of its bucket."""
    n, d = numbers.shape
    coded = [factorize(column) for column in numbers.T]
    blocks = [combine_codes(coded[start::N_BLOCKS], n) for start in range(min(N_BLOCKS, d))]
    found = [np.empty((0, 2), dtype=np.int64)]
    for chosen in combinations(blocks, 2):
        key = combine_codes([*chosen, others], n)
        order = np.argsort(key, kind="stable")
        start = np.concatenate([[True], key[order[1:]] != key[order[:-1]]])
        first = np.flatnonzero(start)[np.cumsum(start) - 1]
        follows = np.flatnonzero(~start)
        found.append(np.stack([order[follows - 1], order[follows]], axis=1))
        found.append(np.stack([order[first[follows]], order[follows]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def _spread(numbers: Features) -> npt.NDArray[np.float64]:
    """Interquartile range of each column, or its range if that is 0; 1 for a constant column."""
    with np.errstate(all="ignore"):
        known = np.where(np.isnan(numbers).all(axis=0), 0.0, numbers)
        quartiles = np.nanpercentile(known, [0, 25, 75, 100], axis=0)
        spread = np.where(quartiles[2] > quartiles[1], quartiles[2] - quartiles[1], quartiles[3] - quartiles[0])
    return np.where(spread > 0, spread, 1.0)


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


def near_vectors(
    features: Features, *, min_cosine: float = MIN_COSINE, seed: int = 0, search: Search = _USUAL
) -> NearVectors:
    """All pairs of rows whose features, seen from their mean, have a cosine of at least `min_cosine`.

    The mean is taken off first, because embeddings of many networks share one large common direction that makes
    everything look alike. Up to 100,000 rows blocks of the upper triangle are multiplied one by one: time grows with
    n squared, at one multiplication of n x 64 matrices; memory stays with the block. Above, pairs are looked for
    among the 32 nearest rows of each.

    Parameters
    ----------
    features : (n, d) float
    min_cosine : smallest cosine of a pair, in (0, 1]
    seed : of the projection
    search : how to look for them

    Source
    ------
    Plain matrix products; random projection: Johnson & Lindenstrauss (1984).

    Examples
    --------
    >>> near_vectors(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0], [1.0, 0.001]])).pairs.tolist()
    [[0, 3]]
    """
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
