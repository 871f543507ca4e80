"""The cells of records column by column, and how those of two records compare: in memory or mapped from files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.core.groups import Pairs
from dechaff.core.kernels.hash_sets import common_counts
from dechaff.core.row_hash import Hashes, mixed, row_hash
from dechaff.typing import Mask, Rows, Score

DIFFERENT, SIMILAR, EQUAL, UNKNOWN = range(4)
"""How the cells of two rows compare; unknown if one is missing."""
SIMILAR_TEXT, SIMILAR_NUMBER = 0.55, 0.02
"""Smallest fraction of common pairs of characters (Dice) of similar texts; largest difference of similar numbers, in
spreads (distance of the quartiles)."""
MOST_GROUPS, MOST_IN_BUCKET, NEIGHBOURS = 10, 10, 4
"""Columns are put together into so many groups at most; rows that are equal in one or two of them share a bucket. In
fuller buckets rows are alike by chance; in the others each is compared with so many that follow."""
ROWS_AT_ONCE = 2**20
_STRIDE = np.uint64(0x9E3779B97F4A7C15)

Levels = npt.NDArray[np.int8]
Cells = npt.NDArray[Any]
Signs = tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.int64]]
T = TypeVar("T")


@dataclass(frozen=True)
class RecordField:
    """A column: the code of each cell, and what is known of each value by its code.

    ``bits`` is the information of a value, minus the logarithm (of 2) of the fraction of rows that have it. ``keys``
    are hashes of the values. ``signs`` are the pairs of neighbouring characters of texts, as ascending numbers of all
    values, and where those of each value begin and how many they are.
    """

    codes: Codes
    missing: Mask
    bits: npt.NDArray[np.float64]
    keys: Hashes
    numbers: npt.NDArray[np.float64] | None
    """The cells; None of texts."""
    spread: float
    signs: Signs | None

    @classmethod
    def of(cls, cells: Cells, codes: Codes) -> RecordField:
        """A column in memory: numbers, NaN if missing, or texts, '' if missing."""
        first = np.unique(codes, return_index=True)[1]
        bits = -np.log2(np.bincount(codes) / max(len(codes), 1))
        if cells.dtype.kind == "f":
            keys = row_hash(cells[first].reshape(-1, 1))
            return cls(codes, np.isnan(cells), bits, keys, cells, spread_of(cells), None)
        values = cells[first].tolist()
        missing = np.asarray(cells == "", dtype=bool)
        return cls(codes, missing, bits, row_hash(cells[first]), None, 0.0, signs_of(values))

    @property
    def repeated(self) -> float:
        """How probably two rows are equal here."""
        return sum(float(np.exp2(-2 * np.asarray(self.bits[part])).sum()) for part in _parts(len(self.bits)))

    def information(self, rows: Rows) -> Score:
        """(m,) how rare the value of each of some rows is, in bits."""
        return np.asarray(self.bits[self.codes[rows]])

    def levels(self, left: Rows, right: Rows) -> Levels:
        """How the two cells of each pair compare."""
        levels = self._of_texts(left, right) if self.numbers is None else self._of_numbers(self.numbers, left, right)
        unknown = self.missing[left] | self.missing[right]
        if unknown.any():
            levels[unknown] = UNKNOWN
        return levels

    def _of_numbers(self, numbers: npt.NDArray[np.float64], left: Rows, right: Rows) -> Levels:
        with np.errstate(all="ignore"):
            similar = np.abs(numbers[right] - numbers[left]) <= SIMILAR_NUMBER * self.spread
        levels = np.asarray(np.asarray(similar).view(np.int8) * np.int8(SIMILAR))
        levels[self.codes[left] == self.codes[right]] = EQUAL
        return levels

    def _of_texts(self, left: Rows, right: Rows) -> Levels:
        k = len(self.bits)
        one, other = (np.asarray(self.codes[side], dtype=np.int64) for side in (left, right))
        if k * k > len(one):
            return self._levels_of_codes(np.stack([one, other], axis=1))
        # Few texts are compared all with all, and each pair of rows is looked up.
        every = np.stack([np.repeat(np.arange(k), k), np.tile(np.arange(k), k)], axis=1)
        return np.asarray(self._levels_of_codes(every)[one * k + other])

    def _levels_of_codes(self, both: Pairs) -> Levels:
        assert self.signs is not None
        levels = np.where(both[:, 0] == both[:, 1], EQUAL, DIFFERENT).astype(np.int8)
        others = np.flatnonzero(levels == DIFFERENT)
        hashes, starts, sizes = self.signs
        common = common_counts(hashes, starts, sizes, both[others])
        levels[others[2 * common >= SIMILAR_TEXT * sizes[both[others]].sum(axis=1)]] = SIMILAR
        return levels


@dataclass(frozen=True)
class RecordTable:
    """The columns in which rows differ, and hashes of their content: of all columns, and of groups of columns."""

    fields: Sequence[RecordField]
    whole: Hashes
    """(n,) equal for rows that are equal in all columns."""
    groups: Sequence[Hashes]
    releasing: Callable[[Iterable[Any]], Iterator[Any]] = field(default=iter)
    """Gives back the items, and lets go of the memory that was mapped for each."""

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.whole)

    def levels(self, pairs: Pairs) -> Levels:
        """(m, d) how the cells of pairs of rows compare."""
        left, right = np.ascontiguousarray(pairs.T)
        # Column by column in memory, as they are read.
        return np.stack([field.levels(left, right) for field in self.fields]).T

    def rarity(self, pairs: Pairs, levels: Levels) -> Score:
        """(m,) how rare the values are in which the two rows of each pair are equal, in bits."""
        rarity = np.zeros(len(pairs))
        for column, level in zip(self.fields, levels.T, strict=True):
            equal = np.flatnonzero(level == EQUAL)
            rarity[equal] += column.information(pairs[equal, 0])
        return rarity

    def agreement(self, pairs: Pairs, levels: Levels) -> Score:
        """(m,) the fraction of the information in the known cells of each pair that is in cells that agree.

        A zero that most rows have is no sign of a copy, however many such columns there are.
        """
        agree, known = np.zeros((2, len(pairs)))
        for column, level in zip(self.fields, levels.T, strict=True):
            information = column.information(pairs[:, 0]) + column.information(pairs[:, 1])
            known += information * (level != UNKNOWN)
            agree += information * ((level == SIMILAR) | (level == EQUAL))
        return np.asarray(agree / np.maximum(known, 1e-9))

    def candidates(self) -> Iterator[Pairs]:
        """Different rows that share a bucket, some pairs at a time; pairs that share several come again."""
        n_groups = len(self.groups)
        kinds = [*((at,) for at in range(n_groups)), *combinations(range(n_groups), 2)]
        shares = 1 + self.n_rows // ROWS_AT_ONCE
        for some, share in self.releasing((some, share) for some in kinds for share in range(shares)):
            pairs = self._in_buckets(some, np.uint64(share), np.uint64(shares))
            yield pairs[self.whole[pairs[:, 0]] != self.whole[pairs[:, 1]]]

    def _in_buckets(self, some: tuple[int, ...], share: np.uint64, shares: np.uint64) -> Pairs:
        """Rows of one bucket, each with the next few, the smaller row first; of a fraction of the buckets."""
        found = []
        for part in _parts(self.n_rows):
            keys = mixed(np.asarray(self.groups[some[0]][part]))
            keys = mixed(keys + self.groups[some[1]][part]) if len(some) > 1 else keys
            mine = np.flatnonzero(keys % shares == share)
            found.append((keys[mine], mine + part.start))
        keys, rows = (np.concatenate(both) for both in zip(*found, strict=True))
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], rows[order]
        edges = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True])
        sizes = np.repeat(np.diff(edges), np.diff(edges))
        kept = (sizes > 1) & (sizes <= MOST_IN_BUCKET)
        keys, rows = keys[kept], rows[kept]
        following = self.groups[(some[-1] + 1) % len(self.groups)][rows]
        order = np.lexsort((self.whole[rows], following, keys))
        keys, rows = keys[order], rows[order]
        pairs = [
            np.stack([rows[:-step], rows[step:]], axis=1)[keys[:-step] == keys[step:]]
            for step in range(1, NEIGHBOURS + 1)
        ]
        return np.sort(np.concatenate(pairs), axis=1)

    def drawn(self, number: int) -> Rows:
        """Rows drawn by their content: those with the smallest hashes, each content once."""
        rows, smallest = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
        for part in _parts(self.n_rows):
            hashes = np.concatenate([smallest, mixed(np.asarray(self.whole[part]))])
            places = np.concatenate([rows, np.arange(part.start, part.stop)])
            smallest, at = np.unique(hashes, return_index=True)
            smallest, rows = smallest[:number], places[at[:number]]
        return rows


def table_of(columns: Sequence[Cells], codes: Sequence[Codes]) -> RecordTable:
    """Columns in memory; those of a single value are left aside."""
    fields = [one for one in map(RecordField.of, columns, codes) if len(one.bits) > 1]
    n = len(columns[0]) if len(columns) else 0
    hashes = [numbered_hashes(one.keys, number)[one.codes] for number, one in enumerate(fields)]
    groups = [_sums([hashes[one] for one in members], n) for members in grouped(fields)]
    return RecordTable(fields, _sums(groups, n), groups)


def _sums(hashes: Sequence[Hashes], n: int) -> Hashes:
    total = np.zeros(n, dtype=np.uint64)
    for one in hashes:
        total += one
    return total


def grouped(fields: Sequence[RecordField]) -> list[list[int]]:
    """The columns of each group, so that every group has some whose values are rare."""
    n_groups = min(len(fields), MOST_GROUPS)
    order = np.argsort([round(one.repeated, 9) for one in fields], kind="stable").tolist()
    return [order[start::n_groups] for start in range(n_groups)]


def numbered_hashes(hashes: Hashes, number: int) -> Hashes:
    """What the cells of one column, by its number, add to the hash of their rows."""
    return mixed(hashes ^ mixed(np.array([number + 1], dtype=np.uint64) * _STRIDE))


def spread_of(cells: npt.NDArray[np.float64]) -> float:
    """The distance of the quartiles of the known numbers; 0 if there are none."""
    known = cells[np.isfinite(cells)]
    low, high = np.percentile(known, [25, 75]) if len(known) else (0.0, 0.0)
    return float(high - low)


def signs_of(values: Sequence[str]) -> Signs:
    """The different pairs of neighbouring characters of each text, one text after the other; places and numbers."""
    sets = [np.empty(0, dtype=np.uint64)]
    for value in values:
        signs = np.frombuffer(f" {value.casefold()} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        sets.append(np.unique(signs[:-1].astype(np.uint64) << np.uint64(21) | signs[1:]))
    sizes = np.array([len(some) for some in sets[1:]], dtype=np.int64)
    return np.concatenate(sets), np.cumsum(sizes) - sizes, sizes


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, min(start + ROWS_AT_ONCE, n)) for start in range(0, max(n, 1), ROWS_AT_ONCE))
