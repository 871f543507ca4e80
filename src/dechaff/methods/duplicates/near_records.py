"""Rows of a table of which one is a copy of the other with some cells changed, or misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes, factorize
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.kernels.hash_sets import common_counts
from dechaff.typing import Mask, Rows, Score

MIN_COLUMNS = 3
"""Two rows of two columns with one changed share a single cell."""
MIN_AGREE = 0.5
"""Smallest fraction, of the information of the cells that both rows have, in cells that are equal or similar."""
CELLS_A_CHANGE = 8
"""One cell in so many, and one at least, may be another one in a copy of which all other cells are equal."""
DIFFERENT, SIMILAR, EQUAL, UNKNOWN = range(4)
"""How the cells of two rows compare; unknown if one is missing."""
SIMILAR_TEXT, SIMILAR_NUMBER = 0.55, 0.02
"""Smallest fraction of common pairs of characters (Dice) of similar texts; largest difference of similar numbers, in
spreads (distance of the quartiles)."""
BY_CHANCE, BY_CHANCE_OF_COUNTS = 0.05, 0.1
"""Largest fraction of the pairs that chance may explain, by their evidence; and by how many cells differ."""
MOST_NEAR = 3.0
"""Pairs a row; beyond that, being alike is the nature of the table."""
MOST_GROUPS, MOST_IN_BUCKET, NEIGHBOURS = 10, 10, 4
"""Columns are put together into so many groups at most; rows that are equal in one or two of them share a bucket. In
fuller buckets rows are alike by chance; in the others each is compared with so many that follow."""
_SAMPLED, _PAIRS_SAMPLED = (20, 200), 10**6
_ROUNDS = 12
_NEAR, _WIDE = 5, 50
"""Pairs of sampled rows with all others, a row, whose evidence tells how it thins out where it is large."""

Levels = npt.NDArray[np.int8]
Cells = npt.NDArray[Any]


@dataclass(frozen=True)
class _Field:
    """A column with what its comparisons need: the fraction of rows of each value, and pairs of characters."""

    cells: Cells
    codes: Codes
    missing: Mask
    shares: Score
    spread: float
    signs: tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]

    @classmethod
    def of(cls, cells: Cells, codes: Codes) -> _Field:
        shares = np.bincount(codes) / max(len(codes), 1)
        if cells.dtype.kind != "f":
            values = cells[np.unique(codes, return_index=True)[1]]
            return cls(cells, codes, np.asarray(cells == "", dtype=bool), shares, 0.0, _signs(values.tolist()))
        known = cells[np.isfinite(cells)]
        low, high = np.percentile(known, [25, 75]) if len(known) else (0.0, 0.0)
        nothing = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
        return cls(cells, codes, np.isnan(cells), shares, float(high - low), nothing)

    def levels(self, left: Rows, right: Rows) -> Levels:
        """How the two cells of each pair compare."""
        levels = self._levels_of_numbers(left, right) if self.cells.dtype.kind == "f" else self._of_texts(left, right)
        if self.missing.any():
            levels[self.missing[left] | self.missing[right]] = UNKNOWN
        return levels

    def _levels_of_numbers(self, left: Rows, right: Rows) -> Levels:
        with np.errstate(all="ignore"):
            similar = np.abs(self.cells[right] - self.cells[left]) <= SIMILAR_NUMBER * self.spread
        levels = np.asarray(similar.view(np.int8) * np.int8(SIMILAR))
        levels[self.codes[left] == self.codes[right]] = EQUAL
        return levels

    def _of_texts(self, left: Rows, right: Rows) -> Levels:
        one, other, k = self.codes[left], self.codes[right], len(self.shares)
        if k * k > len(one):
            return self._levels_of_codes(np.stack([one, other], axis=1))
        # Few texts are compared all with all, and each pair of rows is looked up.
        every = np.stack([np.repeat(np.arange(k), k), np.tile(np.arange(k), k)], axis=1)
        return np.asarray(self._levels_of_codes(every)[one * k + other])

    def _levels_of_codes(self, both: Pairs) -> Levels:
        levels = np.where(both[:, 0] == both[:, 1], EQUAL, DIFFERENT).astype(np.int8)
        others = np.flatnonzero(levels == DIFFERENT)
        hashes, sizes = self.signs
        common = common_counts(hashes, np.cumsum(sizes) - sizes, sizes, both[others])
        levels[others[2 * common >= SIMILAR_TEXT * sizes[both[others]].sum(axis=1)]] = SIMILAR
        return levels


def near_records(columns: Sequence[Cells], codes: Sequence[Codes] | None = None) -> tuple[Pairs, PairScore]:
    """Pairs of different rows of which one is most probably a changed copy of the other.

    Cells are equal, similar (misspelt, or numbers close to each other) or different. How often they are so in copies
    is learned from the table itself, column by column, without any labels; equal rare values say more than equal
    frequent ones. A pair is named if its evidence is so large that chance explains hardly any pair of as much. How
    much evidence chance gives is measured on pairs of some rows with all others and extrapolated, for columns depend
    on each other. Where rows differ in a cell or two by nature, nothing is named.

    Only rows that are equal in one or two columns (of wide tables: groups of columns), in a bucket of few rows, are
    compared, so that the work stays near-linear.

    Parameters
    ----------
    columns : d arrays of (n,) float, NaN if missing, or of str, '' if missing
    codes : d arrays of (n,) int64, the same as codes, if they are known

    Returns
    -------
    (m, 2) int64 and (m,) float
        Pairs, smaller row first, in ascending order; and their similarity: the mean of their known cells, 1 for equal
        and 1/2 for similar ones.

    Source
    ------
    Fellegi, Sunter (1969), A theory for record linkage; weights by expectation maximisation: Winkler (1988);
    by the frequency of values: Winkler (1989). Chance by extrapolation is our own.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = [*rng.normal(size=(3, 60)), np.array([f"{name:x}" for name in rng.integers(10**9, size=60)], object)]
    >>> for column in table:
    ...     column[7] = column[3]
    >>> table[1][7] = 5.0
    >>> near_records(table)[0].tolist()
    [[3, 7]]
    """
    nothing = np.empty((0, 2), dtype=np.int64), np.empty(0)
    n = len(columns[0]) if len(columns) else 0
    coded = map(factorize, columns) if codes is None else codes
    fields = [field for field in map(_Field.of, columns, coded) if len(field.shares) > 1]
    if n < 2 or len(fields) < MIN_COLUMNS:
        return nothing
    whole = combine_codes([field.codes for field in fields], n)
    pairs = _candidates(fields, n, whole)
    if len(pairs) == 0:
        return nothing
    levels = _levels(fields, pairs)
    sampled = _sampled(n, whole)
    drawn = _levels(fields, sampled)
    of_all = _fractions(drawn, None, np.ones(4))
    evidence, prior = _learned(fields, _rarity(fields, pairs, levels), levels, of_all)
    by_chance = np.bincount((drawn != EQUAL).sum(axis=1), minlength=len(fields) + 1) / _rows_sampled(n)
    if by_chance[1] > MOST_NEAR:
        return nothing
    found, unequal = evidence.of(_rarity(fields, pairs, levels), levels), (levels != EQUAL).sum(axis=1)
    least = max(-np.log2(prior), _threshold(found, evidence.of(_rarity(fields, sampled, drawn), drawn), n))
    kept = found >= (least if prior * n / 2 <= MOST_NEAR else np.inf)
    kept &= _agreement(fields, pairs, levels) >= MIN_AGREE
    kept |= unequal <= _most_unequal(np.bincount(unequal, minlength=len(fields) + 1), by_chance * n / 2)
    pairs, levels = pairs[kept], levels[kept]
    known = np.maximum((levels != UNKNOWN).sum(axis=1), 1)
    return pairs, np.where(levels == UNKNOWN, 0, levels).sum(axis=1) / EQUAL / known


@dataclass(frozen=True)
class _Evidence:
    """Logarithms (of 2) of how much more often cells compare so in copies than in two rows at random."""

    weights: npt.NDArray[np.float64]
    """(d, 4) by level; of equal cells without the frequency of their value."""

    def of(self, rarity: Score, levels: Levels) -> Score:
        """(m,) the sum over the columns, and how rare the equal values are."""
        total = rarity.copy()
        for weights, level in zip(self.weights, levels.T, strict=True):
            total += weights[level]
        return total


def _rarity(fields: Sequence[_Field], pairs: Pairs, levels: Levels) -> Score:
    """(m,) how rare the values are in which the two rows of each pair are equal, in bits."""
    rarity = np.zeros(len(pairs))
    for field, level in zip(fields, levels.T, strict=True):
        equal = np.flatnonzero(level == EQUAL)
        rarity[equal] -= np.log2(field.shares)[field.codes[pairs[equal, 0]]]
    return rarity


def _agreement(fields: Sequence[_Field], pairs: Pairs, levels: Levels) -> Score:
    """(m,) the fraction of the information in the known cells of each pair that is in cells that agree.

    A zero that most rows have is no sign of a copy, however many such columns there are.
    """
    agree, known = np.zeros((2, len(pairs)))
    for field, level in zip(fields, levels.T, strict=True):
        information = -np.log2(field.shares)[field.codes[pairs]].sum(axis=1)
        known += information * (level != UNKNOWN)
        agree += information * ((level == SIMILAR) | (level == EQUAL))
    return np.asarray(agree / np.maximum(known, 1e-9))


def _learned(fields: Sequence[_Field], rarity: Score, levels: Levels, of_all: Score) -> tuple[_Evidence, float]:
    """The evidence of each level, and the fraction of all pairs that are copies."""
    n_pairs = len(fields[0].codes) * (len(fields[0].codes) - 1) / 2
    start = np.array([0.05, 0.05, 0.9, 0.0])
    of_copies = np.tile(start[:UNKNOWN], (len(fields), 1))
    prior = 0.01 * len(fields[0].codes) / n_pairs
    for _ in range(_ROUNDS):
        evidence = _Evidence(_weights(of_copies, of_all))
        odds = (evidence.of(rarity, levels) + np.log2(prior / (1 - prior))).clip(-60, 60)
        copy = 1 / (1 + np.exp2(-odds))
        prior = float(min(max(copy.sum(), 1.0) / n_pairs, 0.5))
        of_copies = _fractions(levels, copy, 5 * start)
    return _Evidence(_weights(of_copies, of_all)), prior


def _weights(of_copies: Score, of_all: Score) -> npt.NDArray[np.float64]:
    weights = np.zeros((len(of_copies), 4))
    weights[:, :UNKNOWN] = np.log2(of_copies)
    weights[:, :EQUAL] -= np.log2(of_all[:, :EQUAL])
    return weights


def _fractions(levels: Levels, weight: Score | None, before: Score) -> Score:
    """(d, 3) of each level among the known cells of a column, of weighted pairs and some seen before."""
    if weight is None:
        sums = np.stack([np.count_nonzero(levels == level, axis=0) for level in range(UNKNOWN)], axis=1)
    else:
        sums = np.stack([np.bincount(one, weights=weight, minlength=UNKNOWN + 1)[:UNKNOWN] for one in levels.T])
    sums = sums + before[:UNKNOWN]
    return np.asarray(sums / sums.sum(axis=1, keepdims=True))


def _threshold(found: Score, by_chance: Score, n: int) -> float:
    """The least evidence at which chance explains few of the pairs: it thins out evenly beyond the nearest rows."""
    rows = _rows_sampled(n)
    ordered, evidence = np.sort(by_chance)[::-1], np.sort(found)[::-1]
    near, wide = (ordered[min(each * rows, len(ordered) - 1)] for each in (_NEAR, _WIDE))
    slope = np.log(_WIDE / _NEAR) / max(near - wide, 1e-9)
    expected = n / 2 * _NEAR * np.exp(np.minimum(-slope * (evidence - near), 50))
    rare = np.flatnonzero(expected <= BY_CHANCE * np.arange(1, len(evidence) + 1))
    return float(evidence[rare[-1]]) if len(rare) else np.inf


def _most_unequal(found: Codes, by_chance: Score) -> int:
    """The most cells, of at most an eighth, in which copies differ: where pairs with one or two more are fewer.

    By chance, pairs get fewer with each cell more that is equal, and by a factor that grows; so the series that the
    numbers with one and two more different cells begin has as many as are expected, or more.
    """
    for most in range(max(1, (len(found) - 1) // CELLS_A_CHANGE), 0, -1):
        nearer, wider = by_chance[most + 1 : most + 3]
        if nearer * nearer <= BY_CHANCE_OF_COUNTS * found[1 : most + 1].sum() * (wider - nearer):
            return most
    return 0


def _rows_sampled(n: int) -> int:
    return min(n, int(np.clip(_PAIRS_SAMPLED // n, *_SAMPLED)))


def _sampled(n: int, whole: Codes) -> Pairs:
    """Pairs of some rows with all that are different."""
    rows = np.random.default_rng(0).choice(n, _rows_sampled(n), replace=False)
    pairs = np.stack([np.repeat(rows, n), np.tile(np.arange(n), len(rows))], axis=1)
    return np.asarray(pairs[whole[pairs[:, 0]] != whole[pairs[:, 1]]])


def _levels(fields: Sequence[_Field], pairs: Pairs) -> Levels:
    left, right = np.ascontiguousarray(pairs.T)
    # Column by column in memory, as they are read.
    return np.stack([field.levels(left, right) for field in fields]).T


def _candidates(fields: Sequence[_Field], n: int, whole: Codes) -> Pairs:
    """Different rows that share a bucket, each pair once."""
    keys = np.unique(np.concatenate([_in_buckets(*keys) @ np.array([n, 1]) for keys in _keys(fields, n)]))
    pairs = np.stack([keys // n, keys % n], axis=1)
    return np.asarray(pairs[whole[pairs[:, 0]] != whole[pairs[:, 1]]])


def _keys(fields: Sequence[_Field], n: int) -> Iterator[tuple[Codes, Codes]]:
    """The buckets of every group of columns and of every two, and by what rows are ordered there."""
    n_groups = min(len(fields), MOST_GROUPS)
    order = np.argsort([(field.shares**2).sum() for field in fields], kind="stable").tolist()
    groups = [combine_codes([fields[at].codes for at in order[start::n_groups]], n) for start in range(n_groups)]
    for some in [*((at,) for at in range(n_groups)), *combinations(range(n_groups), 2)]:
        following = groups[(some[-1] + 1) % n_groups]
        yield combine_codes([groups[at] for at in some], n), following


def _in_buckets(keys: Codes, following: Codes) -> Pairs:
    """Rows of one bucket, each with the next few, the smaller row first."""
    size = np.bincount(keys)[keys]
    rows = np.flatnonzero((size > 1) & (size <= MOST_IN_BUCKET))
    order = rows[np.lexsort((following[rows], keys[rows]))]
    found = [np.stack([order[:-step], order[step:]], axis=1) for step in range(1, NEIGHBOURS + 1)]
    pairs = np.concatenate(found)
    return np.sort(pairs[keys[pairs[:, 0]] == keys[pairs[:, 1]]], axis=1)


def _signs(values: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The different pairs of neighbouring characters of each text, one text after the other; and their numbers."""
    sets = []
    for value in values:
        signs = np.frombuffer(f" {value.casefold()} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        sets.append(np.unique(signs[:-1].astype(np.uint64) << np.uint64(21) | signs[1:]))
    return np.concatenate(sets), np.array([len(some) for some in sets], dtype=np.int64)
