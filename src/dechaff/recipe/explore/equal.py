"""Rows that are equal, among any number of rows: dealt by their hash into files, each of which fits into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import Progress, silent
from dechaff.core.row_hash import Hashes
from dechaff.recipe.outcome.row_store import RowColumn, RowStore
from dechaff.recipe.passes.row_order import rows_in_content_order

_PART_BYTES = 2**25
ENTRY = np.dtype(
    [(name, "u8") for name in ("content", "content_low", "key", "unit")]
    + [("row", "i8"), ("code", "i4"), ("kind", "u1")]
)
"""One row; rows are equal where both numbers of their content are (`row_hash_128`). ``kind``: 0 = trains, 1 = sealed,
2 = without any value (equal to none), 3 = of the test file."""
TRAINS, SEALED, BLANK, TESTED = range(4)
Entries = npt.NDArray[Any]


@dataclass
class HashPartitions:
    """Files of entries, each of all rows with some hashes."""

    folder: Path
    n_rows: int
    _files: list[Any] = field(default_factory=list)

    @property
    def n_parts(self) -> int:
        """A power of two, so that the first bits of a hash say the file."""
        wanted = max(1, self.n_rows * ENTRY.itemsize // _PART_BYTES)
        return min(256, 1 << (wanted - 1).bit_length())

    def add(self, entries: Entries, *, kind: int | None = None) -> None:
        """Rows of one block; all of one kind where it is said."""
        if kind is not None:
            entries["kind"] = kind
        if not self._files:
            self._files = [self._path(part).open("wb") for part in range(self.n_parts)]
        shift = np.uint64(64 - (self.n_parts.bit_length() - 1))
        part = np.zeros(len(entries), np.int64) if self.n_parts == 1 else (entries["content"] >> shift).astype(np.int64)
        for number in np.unique(part).tolist():
            entries[part == number].tofile(self._files[number])

    def close(self) -> None:
        """All rows have been dealt."""
        for file in self._files:
            file.close()
        self._files = []

    def parts(self) -> Iterator[Entries]:
        """Each file's entries, by hash and row."""
        for number in range(self.n_parts):
            path = self._path(number)
            entries = np.fromfile(path, ENTRY) if path.exists() else np.zeros(0, ENTRY)
            yield entries[np.lexsort((entries["row"], entries["content_low"], entries["content"]))]

    def _path(self, part: int) -> Path:
        return self.folder / f"entries-{part:03d}.bin"


@dataclass(frozen=True)
class Equal:
    """Which rows are equal.

    ``groups`` is a row column: the number of each training row's group in the order of first rows, -1 alone.
    ``partner`` is a row column: a test row that equals the training row (sealed rows by their number, rows of a test
    file by -2 minus their number), -1 for none. ``ordinals`` says which of the rows with one key each row is.
    """

    groups: RowColumn
    partner: RowColumn
    ordinals: RowColumn
    pairs: float
    """Pairs of equal training rows."""
    distinct: int
    """Different training rows."""
    test_rows_in_train: int


@dataclass(frozen=True)
class EqualCounts:
    """The figures of `Equal`, as plain values."""

    pairs: float
    distinct: int
    test_rows_in_train: int

    def of(self, store: RowStore) -> Equal:
        """With the row columns of a finished pass."""
        groups, partner, ordinals = (store.open(name) for name in ("equal", "partner", "ordinal"))
        return Equal(groups, partner, ordinals, self.pairs, self.distinct, self.test_rows_in_train)


def find_equal(
    partitions: HashPartitions, store: RowStore, *, progress: Progress = silent
) -> tuple[EqualCounts, Hashes]:
    """Groups of equal rows, their ordinals, and the pairs of units that they connect."""
    heads, partner = store.make("equal-head", np.int64, -1), store.make("partner", np.int64, -1)
    ordinals = store.make("ordinal", np.uint32)
    pairs, distinct, in_train = 0.0, 0, 0
    connected: list[Hashes] = []
    for number, entries in enumerate(partitions.parts()):
        progress("equal rows", number, partitions.n_parts)
        _number_keys(entries, ordinals)
        counted = entries[(entries["kind"] != BLANK)]
        starts = _starts(counted["content"], counted["content_low"])
        sizes = np.diff(np.r_[starts, len(counted)])
        group = np.repeat(np.arange(len(starts)), sizes)
        trains = counted["kind"] == TRAINS
        n_train = np.bincount(group[trains], minlength=len(starts)).astype(np.float64)
        distinct += int((n_train > 0).sum()) + _blank_forms(entries)
        pairs += float((n_train * (n_train - 1) / 2).sum())
        _note_heads(counted, group, trains, n_train, heads)
        in_train += _note_partners(counted, group, trains, n_train, partner)
        connected.append(_connected_units(counted, group, starts))
    _numbered(heads, store)
    progress("equal rows", partitions.n_parts, partitions.n_parts)
    return EqualCounts(pairs, distinct, in_train), np.concatenate(connected)


def _number_keys(entries: Entries, ordinals: RowColumn) -> None:
    """The ordinal of each row of the source among those of its key."""
    own = entries[entries["kind"] != TESTED]
    order = np.lexsort((own["row"], own["key"]))
    keys = own["key"][order]
    starts = _starts(keys)
    sizes = np.diff(np.r_[starts, len(keys)])
    number = np.arange(len(keys)) - np.repeat(starts, sizes)
    later = number > 0
    ordinals[own["row"][order][later]] = number[later]


def _starts(*ordered: RowColumn) -> RowColumn:
    """Where another value begins in columns that are sorted together."""
    unlike = np.logical_or.reduce([column[1:] != column[:-1] for column in ordered])
    return np.flatnonzero(np.r_[True, unlike][: len(ordered[0])])


def _blank_forms(entries: Entries) -> int:
    blank = entries[entries["kind"] == BLANK]
    return len(_starts(blank["content"], blank["content_low"]))


def _note_heads(counted: Entries, group: RowColumn, trains: RowColumn, n_train: RowColumn, heads: RowColumn) -> None:
    """Each training row with a copy gets the first row of its group."""
    rows, of = counted["row"][trains], group[trains]
    copies = n_train[of] > 1
    rows, of = rows[copies], of[copies]
    if len(rows):
        first = np.full(len(n_train), np.iinfo(np.int64).max)
        np.minimum.at(first, of, rows)
        heads[rows] = first[of]


def _note_partners(
    counted: Entries, group: RowColumn, trains: RowColumn, n_train: RowColumn, partner: RowColumn
) -> int:
    """Each training row that equals a test row gets the first such; the number of test rows that equal one."""
    tests = ~trains
    if not tests.any():
        return 0
    number = np.where(counted["kind"] == TESTED, -2 - counted["row"], counted["row"])
    first = np.full(len(n_train), -1, dtype=np.int64)
    first[group[tests][::-1]] = number[tests][::-1]
    hit = trains & (first[group] != -1)
    partner[counted["row"][hit]] = first[group[hit]]
    return int((tests & (n_train[group] > 0)).sum())


def _connected_units(counted: Entries, group: RowColumn, starts: RowColumn) -> Hashes:
    """Pairs of units of rows that have equal content but are in different groups of the user's."""
    first = counted["unit"][starts[group]]
    unlike = counted["unit"] != first
    return np.stack([first[unlike], counted["unit"][unlike]], axis=1)


def _numbered(heads: RowColumn, store: RowStore) -> None:
    """Groups by the order of their first rows, in the order of content."""
    groups = store.make("equal", np.int64, -1)
    rows = rows_in_content_order(store, np.flatnonzero(np.asarray(heads) >= 0))
    _, first, inverse = np.unique(heads[rows], return_index=True, return_inverse=True)
    groups[rows] = np.argsort(np.argsort(first))[inverse]
