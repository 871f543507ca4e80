"""Rows of a table of which one is a copy of the other with some cells changed, or misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, factorize
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.row_hash import mixed
from dechaff.methods.duplicates.record_fields import (
    EQUAL,
    ROWS_AT_ONCE,
    UNKNOWN,
    Cells,
    Levels,
    RecordTable,
    table_of,
)
from dechaff.typing import Mask, Rows, Score

MIN_COLUMNS = 3
"""Two rows of two columns with one changed share a single cell."""
MIN_AGREE = 0.5
"""Smallest fraction, of the information of the cells that both rows have, in cells that are equal or similar."""
CELLS_A_CHANGE = 8
"""One cell in so many, and one at least, may be another one in a copy of which all other cells are equal."""
BY_CHANCE, BY_CHANCE_OF_COUNTS = 0.05, 0.1
"""Largest fraction of the pairs that chance may explain, by their evidence; and by how many cells differ."""
MOST_NEAR = 3.0
"""Pairs a row; beyond that, being alike is the nature of the table."""
CROWDED = (1, 4)
"""Pairs of which no, up to three, or more other rows are near to one of the rows are judged apart."""
MOST_LEARNED = 2**22
"""Pairs of which evidence is learned; of more, a fraction is drawn by their content."""
_SAMPLED, _PAIRS_SAMPLED = (20, 200), 10**6
_MOST_HELD, _FEWEST_SEEN = 2**21, 5
_MOST_ALIKE = 20.0
"""Pairs a row that differ in few cells, if there are too many pairs to keep them all."""
_ROUNDS = 12
Figures = npt.NDArray[np.float64]
_NEAR, _WIDE = 5, 50
"""Pairs of sampled rows with all others, a row, whose evidence tells how it thins out where it is large."""


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
    coded = list(map(factorize, columns)) if codes is None else codes
    return near_records_of(table_of(columns, coded))


def near_records_of(table: RecordTable) -> tuple[Pairs, PairScore]:
    """The same for columns that are in memory or mapped from files, in memory that does not grow with the rows.

    Parameters
    ----------
    table : the columns in which rows differ
    """
    nothing = np.empty((0, 2), dtype=np.int64), np.empty(0)
    n, d = table.n_rows, len(table.fields)
    if n < 2 or d < MIN_COLUMNS:
        return nothing
    pairs, fraction = _learning_pairs(table)
    if len(pairs) == 0:
        return nothing
    chance = _Chance.of(table)
    if chance.unequal[1] > MOST_NEAR:
        return nothing
    levels = table.levels(pairs)
    evidence, prior = _learned(table, pairs, levels, chance.fractions, fraction)
    if fraction < 1:
        pairs = _most_alike(table, evidence, prior, chance)
        levels = table.levels(pairs)
    kept = _are_copies(table, (pairs, levels), evidence, prior, chance)
    pairs, levels = pairs[kept], levels[kept]
    known = np.maximum((levels != UNKNOWN).sum(axis=1), 1)
    return pairs, np.where(levels == UNKNOWN, 0, levels).sum(axis=1) / EQUAL / known


def _are_copies(
    table: RecordTable, compared: tuple[Pairs, Levels], evidence: _Evidence, prior: float, chance: _Chance
) -> Mask:
    """Which pairs have more evidence than chance gives, or differ in fewer cells."""
    (pairs, levels), n = compared, table.n_rows
    found, unequal = evidence.of(table.rarity(pairs, levels), levels), (levels != EQUAL).sum(axis=1)
    least = max(-np.log2(prior), _threshold(found, chance.largest(table, evidence), len(chance.rows), n))
    kept = found >= (least if prior * n / 2 <= MOST_NEAR else np.inf)
    kept &= table.agreement(pairs, levels) >= MIN_AGREE
    return np.asarray(kept | _few_unequal(pairs, unequal, chance, n))


@dataclass(frozen=True)
class _Evidence:
    """Logarithms (of 2) of how much more often cells compare so in copies than in two rows at random."""

    weights: Figures
    """(d, 4) by level; of equal cells without the frequency of their value."""

    def of(self, rarity: Score, levels: Levels) -> Score:
        """(m,) the sum over the columns, and how rare the equal values are."""
        total = rarity.copy()
        for weights, level in zip(self.weights, levels.T, strict=True):
            total += weights[level]
        return total


def _keys(pairs: Pairs, n: int) -> Codes:
    return np.asarray(pairs @ np.array([n, 1]))


def _pairs(keys: Codes, n: int) -> Pairs:
    return np.stack(np.divmod(keys, n), axis=1)


def _learning_pairs(table: RecordTable) -> tuple[Pairs, float]:
    """Pairs that share a bucket, each once, in ascending order; all, or a fraction drawn by their content."""
    n, divisor, held = table.n_rows, 1, list[Codes]()

    def fewer() -> Codes:
        nonlocal divisor
        keys = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *held]))
        while len(keys) > MOST_LEARNED:
            divisor *= 2
            keys = keys[_is_drawn(table, _pairs(keys, n), divisor)]
        return keys

    for pairs in table.candidates():
        held.append(_keys(pairs if divisor == 1 else pairs[_is_drawn(table, pairs, divisor)], n))
        if sum(map(len, held)) > 4 * MOST_LEARNED:
            held = [fewer()]
    return _pairs(fewer(), n), 1 / divisor


def _is_drawn(table: RecordTable, pairs: Pairs, divisor: int) -> Mask:
    content = mixed(table.whole[pairs[:, 0]] + table.whole[pairs[:, 1]])
    return np.asarray(content % np.uint64(divisor) == 0)


def _most_alike(table: RecordTable, evidence: _Evidence, prior: float, chance: _Chance) -> Pairs:
    """All pairs that share a bucket and may be copies, by their evidence or by how few cells differ, each once.

    Where very many rows differ in few cells by chance, no pair is a copy by that.
    """
    most_unequal = _at_most(len(table.fields)) + 2
    most_unequal = most_unequal if chance.unequal[: most_unequal + 1].sum() <= _MOST_ALIKE else 0
    least = -np.log2(prior) if prior * table.n_rows / 2 <= MOST_NEAR else np.inf
    held = [np.empty(0, dtype=np.int64)]
    for pairs in table.candidates():
        levels = table.levels(pairs)
        kept = (levels != EQUAL).sum(axis=1) <= most_unequal
        kept |= evidence.of(table.rarity(pairs, levels), levels) >= least
        held.append(_keys(pairs[kept], table.n_rows))
        if sum(map(len, held)) > MOST_LEARNED:
            held = [np.unique(np.concatenate(held))]
    return _pairs(np.unique(np.concatenate(held)), table.n_rows)


@dataclass(frozen=True)
class _Chance:
    """How the cells of drawn rows and of all others compare.

    ``fractions`` (d, 3) are those of each level, by column; ``unequal`` (d + 1,) is how many rows differ from a drawn
    one in so many cells; ``held`` are the pairs, if they are few.
    """

    rows: Rows
    fractions: Figures
    unequal: Figures
    held: Sequence[tuple[Pairs, Levels]]

    @classmethod
    def of(cls, table: RecordTable) -> _Chance:
        n, d = table.n_rows, len(table.fields)
        rows = table.drawn(min(n, int(np.clip(_PAIRS_SAMPLED // n, *_SAMPLED))))
        sums, unequal, held = np.ones((d, UNKNOWN)), np.zeros(d + 1), list[tuple[Pairs, Levels]]()
        for pairs, levels in _compared(table, rows):
            sums += _counts(levels)
            unequal += np.bincount((levels != EQUAL).sum(axis=1), minlength=d + 1)
            if n * len(rows) <= _MOST_HELD:
                held.append((pairs, levels))
        return cls(rows, np.asarray(sums / sums.sum(axis=1, keepdims=True)), unequal / max(len(rows), 1), held)

    def pairs(self, n: int) -> Figures:
        """(d + 3,) about how many pairs of all rows differ in so many cells; 0 where too few have been seen to say."""
        seen = np.where(self.unequal * len(self.rows) >= _FEWEST_SEEN, self.unequal, 0.0)
        return np.concatenate([seen * n / 2, np.zeros(2)])

    def largest(self, table: RecordTable, evidence: _Evidence) -> Figures:
        """The largest evidence of these pairs, in descending order."""
        most = _WIDE * len(self.rows) + 1
        largest = np.empty(0)
        for pairs, levels in self.held or _compared(table, self.rows):
            both = np.concatenate([largest, evidence.of(table.rarity(pairs, levels), levels)])
            largest = np.partition(both, -most)[-most:] if len(both) > most else both
        return np.sort(largest)[::-1]


def _compared(table: RecordTable, rows: Rows) -> Iterator[tuple[Pairs, Levels]]:
    """Pairs of some rows with all that are different, some at a time, and how their cells compare."""
    step = max(ROWS_AT_ONCE // max(len(rows), 1), 1)
    for start in table.releasing(range(0, table.n_rows, step)):
        others = np.arange(start, min(start + step, table.n_rows))
        pairs = np.stack([np.repeat(rows, len(others)), np.tile(others, len(rows))], axis=1)
        pairs = pairs[table.whole[pairs[:, 0]] != table.whole[pairs[:, 1]]]
        yield pairs, table.levels(pairs)


def _learned(
    table: RecordTable, pairs: Pairs, levels: Levels, of_all: Figures, fraction: float
) -> tuple[_Evidence, float]:
    """The evidence of each level, and the fraction of all pairs that are copies."""
    n, d = table.n_rows, len(table.fields)
    n_pairs, rarity = n * (n - 1) / 2, table.rarity(pairs, levels)
    start = np.array([0.05, 0.05, 0.9])
    of_copies = np.tile(start, (d, 1))
    prior = 0.01 * n / n_pairs
    for _ in range(_ROUNDS):
        evidence = _Evidence(_weights(of_copies, of_all))
        odds = (evidence.of(rarity, levels) + np.log2(prior / (1 - prior))).clip(-60, 60)
        copy = 1 / (1 + np.exp2(-odds))
        prior = float(min(max(copy.sum() / fraction, 1.0) / n_pairs, 0.5))
        sums = 5 * start + np.stack([np.bincount(one, copy, minlength=UNKNOWN + 1)[:UNKNOWN] for one in levels.T])
        of_copies = sums / sums.sum(axis=1, keepdims=True)
    return _Evidence(_weights(of_copies, of_all)), prior


def _weights(of_copies: Figures, of_all: Figures) -> Figures:
    weights = np.zeros((len(of_copies), 4))
    weights[:, :UNKNOWN] = np.log2(of_copies)
    weights[:, :EQUAL] -= np.log2(of_all[:, :EQUAL])
    return weights


def _counts(levels: Levels) -> Figures:
    """(d, 3) known cells of each level, by column."""
    return np.stack([np.count_nonzero(levels == level, axis=0) for level in range(UNKNOWN)], axis=1).astype(float)


def _threshold(found: Figures, by_chance: Figures, n_drawn: int, n: int) -> float:
    """The least evidence at which chance explains few of the pairs: it thins out evenly beyond the nearest rows.

    ``by_chance`` is the largest evidence of `n_drawn` rows with all others, in descending order.
    """
    evidence, rank = np.sort(found)[::-1], np.arange(1, len(found) + 1)
    near, wide = (by_chance[min(each * n_drawn, len(by_chance) - 1)] for each in (_NEAR, _WIDE))
    slope = np.log(_WIDE / _NEAR) / max(near - wide, 1e-9)
    expected = n / 2 * _NEAR * np.exp(np.minimum(-slope * (evidence - near), 50))
    # Where it thins out so, the pairs just below are 1.7 times as many as all above, if they are by chance.
    below = np.searchsorted(-evidence, -(evidence - 1 / slope), side="right") - rank
    rare = np.flatnonzero(np.maximum(expected, below / (np.e - 1)) <= BY_CHANCE * rank)
    return float(evidence[rare[-1]]) if len(rare) else np.inf


def _few_unequal(pairs: Pairs, unequal: Codes, chance: _Chance, n: int) -> Mask:
    """Pairs that differ in so few cells, of at most an eighth, that chance explains hardly any of them.

    By chance, pairs get fewer with each cell more that is equal, and by a factor that grows; so the series that the
    numbers with one and two more different cells begin has as many as are expected, or more. Rows that many others are
    alike are judged apart from rows that stand alone, where a pair by chance is rarer.
    """
    kept, accepted = np.zeros(len(pairs), dtype=np.bool_), [True] * (len(CROWDED) + 1)
    for most in range(1, _at_most(len(chance.unequal) - 1) + 1):
        crowd = np.searchsorted(CROWDED, _others(pairs, unequal <= most + 2, n), side="right")
        every = np.bincount(unequal, minlength=most + 3)[most : most + 3]
        for number in range(len(accepted)):
            mine = crowd == number
            found = np.bincount(unequal[mine], minlength=most + 3)[most : most + 3]
            fraction = (found + 1) / (every + len(accepted))
            # Not all pairs share a bucket: the drawn rows, compared with all others, say how many more there are.
            nearer, wider = np.maximum(found, fraction * chance.pairs(n)[most : most + 3])[1:]
            few = (nearer + 1) ** 2 <= BY_CHANCE_OF_COUNTS * found[0] * max(wider - nearer, 1)
            accepted[number] &= bool(few or not found[0])
            kept |= mine & (unequal == most) & accepted[number]
    return kept


def _others(pairs: Pairs, near: Mask, n: int) -> Codes:
    """How many other rows are near to one of the two rows of each pair."""
    degree = np.bincount(pairs[near].ravel(), minlength=n)
    return np.asarray(degree[pairs].sum(axis=1) - 2 * near)


def _at_most(n_columns: int) -> int:
    """The most cells in which copies may differ."""
    return max(1, n_columns // CELLS_A_CHANGE)
