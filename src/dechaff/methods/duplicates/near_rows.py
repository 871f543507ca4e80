"""Rows of a table whose numbers are all nearly equal; vectors of almost the same direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes, factorize
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.neighbours import EXACT, ClosePairs, Search, close_pairs, cosine_rows, nearest, whole_rows
from dechaff.methods.duplicates.chance_repeats import chance_repeats
from dechaff.typing import Axes, Features, Labels

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

RADII = (1e-3, 1e-5, 1e-7, 1e-9)
"""A difference is tiny up to a thousandth of the spread of its column (distance of the quartiles). Where chance alone
brings rows so near, as in narrow tables, only smaller ones count: those of rounding and of single precision."""
BY_CHANCE = 0.1
"""Largest fraction of the pairs that chance may explain."""
MOST_NEAR = 10
"""Candidate pairs a row; beyond that, being near is the nature of the table."""
SAMPLED = 200
"""Rows whose number of wider neighbours is counted."""
MIN_COLUMNS = 2
"""A single number says nothing about where a row comes from."""
APART = 1e3
"""In spreads: rows that differ in a column of another kind, or if only one of them has a value."""
HUGE = 1e100
"""In spreads: beyond, sums would overflow."""
Scale = npt.NDArray[np.float64]
Places = npt.NDArray[np.float64]
N_DIRECTIONS = 4
"""Trees of more dimensions are slow; wider tables are searched in this many weighted means of their columns."""


def near_rows(numbers: Features, others: Labels) -> tuple[Pairs, PairScore]:
    """Pairs of different rows whose numbers are all nearly equal, and whose other columns agree.

    Copies that went through another program differ by rounding; rows that merely look alike differ by any amount.
    So pairs are named only if hardly any would be as near by chance. Two estimates must say so: the numbers of pairs
    within 10 and 100 times the distance, extrapolated to it, and `chance_repeats` of the rounded numbers.

    Of equal rows the first is compared; what is near to it is paired with all of them.

    Parameters
    ----------
    numbers : (n, d) float, NaN if missing (missing equals missing)
    others : (n,) int64
        One code a row over all columns that are no numbers.

    Returns
    -------
    (m, 2) int64 and (m,) float
        Pairs, smaller row first; and their similarity: one minus the largest difference in thousandths of a spread,
        halved.

    Source
    ------
    Own; pairs by a k-d tree (Bentley 1975), the extrapolation by the correlation dimension (Grassberger, Procaccia
    1983).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = rng.normal(size=(50, 3))
    >>> table[7] = table[3] + 1e-6
    >>> near_rows(table, np.zeros(50, dtype=np.int64))[0].tolist()
    [[3, 7]]
    """
    from scipy.spatial import cKDTree

    n, d = numbers.shape
    nothing = np.empty((0, 2), dtype=np.int64), np.empty(0)
    if n < 2 or d < MIN_COLUMNS:
        return nothing
    same = combine_codes([*(factorize(column) for column in numbers.T), others], n)
    first = np.unique(same, return_index=True)[1]
    scaled = scaled_numbers(numbers, others, scale_of(numbers))
    places = scaled[first]
    tree = cKDTree(directions(places))
    for radius in RADII:
        pairs = _within(tree, places, radius)
        if len(pairs) and not (_crowded(tree, places, radius, len(pairs)) or rounded_by_chance(scaled, radius)):
            similarity = 1 - largest_difference(places, pairs) / RADII[0] / 2
            return _of_copies(pairs, similarity, same)
    return nothing


def scale_of(numbers: Features) -> tuple[Scale, Scale]:
    """The medians of the columns, and their spreads: the distance of the quartiles, or else of the extremes."""
    with np.errstate(all="ignore"):
        known = np.where(np.isfinite(numbers), numbers, np.nan)
        known = np.where(np.isnan(known).all(axis=0), 0.0, known)
        quartiles = np.nanpercentile(known, [0, 25, 50, 75, 100], axis=0)
        spread = np.where(quartiles[3] > quartiles[1], quartiles[3] - quartiles[1], quartiles[4] - quartiles[0])
    return quartiles[2], np.where(spread > 0, spread, 1.0)


def scaled_numbers(numbers: Features, others: Labels, scale: tuple[Scale, Scale]) -> Places:
    """The numbers in spreads of their columns, and the other columns as one more, in which rows are equal or far."""
    with np.errstate(all="ignore"):
        scaled = (numbers - scale[0]) / scale[1]
    scaled = np.clip(scaled, -HUGE, HUGE)  # NaN stays
    far = 2 * APART + np.abs(scaled[~np.isnan(scaled)]).max(initial=0.0)
    return np.column_stack([np.nan_to_num(scaled, nan=far), others * APART])


def directions(places: Places) -> Places:
    """Weighted means of the columns, whose weights add up to one, so that no difference grows."""
    d = places.shape[1]
    if d <= N_DIRECTIONS:
        return places
    weights = np.random.default_rng(0).uniform(0.2, 1.0, size=(d, N_DIRECTIONS))
    weights *= np.arange(d)[:, None] % N_DIRECTIONS == np.arange(N_DIRECTIONS)
    return np.asarray(places @ (weights / weights.sum(axis=0)))


def _within(tree: cKDTree, places: Features, radius: float) -> Pairs:
    """Pairs that differ by at most `radius` in every column; none if there are very many candidates."""
    if tree.count_neighbors(tree, radius, p=np.inf) > (2 * MOST_NEAR + 1) * len(places):
        return np.empty((0, 2), dtype=np.int64)
    pairs = tree.query_pairs(radius, p=np.inf, output_type="ndarray").astype(np.int64)
    return np.asarray(pairs[largest_difference(places, pairs) <= radius])


def largest_difference(places: Places, pairs: Pairs) -> PairScore:
    """(m,) the largest difference of the two rows of each pair in any column."""
    return np.asarray(np.abs(places[pairs[:, 0]] - places[pairs[:, 1]]).max(axis=1))


def _crowded(tree: cKDTree, places: Features, radius: float, found: int) -> bool:
    """Whether pairs at 10 and 100 times the distance are so many that those found may be chance."""
    n, d = places.shape[0], places.shape[1] - 1
    nearer = len(_within(tree, places, 10 * radius)) - found
    if nearer < 0:
        return True  # very many are within 10 times the distance
    rows = np.random.default_rng(0).choice(n, min(n, SAMPLED), replace=False)
    wider = sum(int((np.abs(places - places[row]).max(axis=1) <= 100 * radius).sum()) - 1 for row in rows)
    return too_many_near(found, nearer, wider / len(rows), Drawn(n, len(rows), d))


class Drawn(NamedTuple):
    """How many rows there are, of how many of them the wider neighbours were counted, and of how many columns."""

    rows: int
    drawn: int
    columns: int


def too_many_near(found: int, nearer: int, wider: float, drawn: Drawn) -> bool:
    """Whether chance explains too many of the pairs `found` at a distance.

    Parameters
    ----------
    found, nearer : pairs within the distance, and further ones within 10 times as much
    wider : mean number of rows within 100 times the distance of a drawn one
    drawn : what these figures are of
    """
    n, n_drawn, d = drawn
    wide = max(wider * n / 2 - found, nearer)
    # The number grows by 10 to the power of the dimension, which is at least 1, each time that the distance does.
    by_dimension = (nearer + 1) ** 2 / max(wide + 1, 10 * (nearer + 1))
    expected = max(min(by_dimension, (wide + n / n_drawn) / 100), wide / 100.0**d)
    return bool(expected > BY_CHANCE * found)


def rounded_by_chance(scaled: Places, radius: float) -> bool:
    """Whether rows would be as often equal after rounding because the columns hold few different values."""
    return chance_repeats([factorize(np.floor(column / radius)) for column in scaled.T], len(scaled)).natural


def _of_copies(pairs: Pairs, similarity: PairScore, same: Codes) -> tuple[Pairs, PairScore]:
    """Pairs of rows, from pairs of different contents: all copies of the one with the first row of the other."""
    order = np.argsort(same, kind="stable")
    start = np.searchsorted(same[order], np.arange(int(same.max()) + 2))
    sizes = np.diff(start)
    found: list[tuple[Pairs, PairScore]] = []
    for one, other in (pairs.T, pairs.T[::-1]):
        line = np.repeat(np.arange(len(pairs)), sizes[one])
        nth = np.arange(len(line)) - np.repeat(np.cumsum(sizes[one]) - sizes[one], sizes[one])
        rows = order[start[one[line]] + nth]
        found.append((np.stack([rows, order[start[other[line]]]], axis=1), similarity[line]))
    both = np.sort(np.concatenate([rows for rows, _ in found]), axis=1)
    unique, at = np.unique(both, axis=0, return_index=True)
    return unique, np.concatenate([alike for _, alike in found])[at]


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
OtherVectors = Annotated[npt.NDArray[np.float64], Axes("m d")]


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


def near_vectors_across(
    train: Features, test: OtherVectors, *, min_cosine: float = MIN_COSINE, search: Search = _USUAL
) -> tuple[Pairs, PairScore]:
    """The same between two sets of vectors: each row of `test` with the nearest row of `train`, if that is near.

    Parameters
    ----------
    train : (n, d) float
        The mean of these is subtracted from both.
    test : (m, d) float
    min_cosine : smallest cosine of a pair, in (0, 1]
    search : how to look for them

    Returns
    -------
    (p, 2) int64 and (p,) float
        Pairs of (row of `train`, row of `test`), and their cosines.

    Examples
    --------
    >>> near_vectors_across(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0]]), np.array([[1.0, 0.001]]))[0].tolist()
    [[0, 0]]
    """
    mean = train.mean(axis=0) if len(train) else 0.0
    left, right = (_scaled((vectors - mean).astype(np.float32)) for vectors in (train, test))
    found = nearest(cosine_rows(left), 1, queries=right, search=search)
    row, cosine = found.ids[:, 0], found.similarity[:, 0]
    near = np.flatnonzero((row >= 0) & (cosine >= min_cosine))
    return np.stack([row[near], near], axis=1), cosine[near]


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
