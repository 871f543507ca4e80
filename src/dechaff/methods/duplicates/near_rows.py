"""Rows of a table that agree but for tiny differences in a few of their numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from dechaff.core.factorize import combine_codes, factorize
from dechaff.core.groups import Pairs, PairScore
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
    and named only where most of them differ by next to nothing: otherwise near misses are the nature of the table.

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
