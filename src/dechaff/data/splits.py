"""Which rows are held out as test rows, decided before anything looks at the data; in memory, all rows are one part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.groups import UnionFind
from dechaff.core.row_hash import Hashes, mixed
from dechaff.data.columns.cells import Cells
from dechaff.data.columns.identifiers import sniff_id
from dechaff.data.columns.names import unknown_column
from dechaff.data.dataset import Assumption
from dechaff.data.keys import content_digests, content_of
from dechaff.data.read import Read
from dechaff.errors import DataError, InputError
from dechaff.typing import Labels, Mask

TRAIN_WORDS = frozenset({"train", "training", "tr"})
TUNE_WORDS = frozenset({"val", "valid", "validation", "dev", "tune"})
TEST_WORDS = frozenset({"test", "testing", "holdout", "hold-out", "held-out", "heldout", "eval", "evaluation", "te"})


@dataclass(frozen=True)
class HeldOut:
    """Which rows of a source are test rows: one bit per row, in bytes; nothing if none is."""

    bits: bytes = b""

    @classmethod
    def at(cls, test: Mask) -> HeldOut:
        """The rows of a mask over all rows."""
        return cls(np.packbits(test).tobytes() if test.any() else b"")

    def mask(self, first_row: int, n_rows: int) -> Mask:
        """True for the test rows of a part."""
        if not self.bits:
            return np.zeros(n_rows, dtype=bool)
        bits = np.frombuffer(self.bits, np.uint8)[first_row // 8 : (first_row + n_rows + 7) // 8]
        return np.unpackbits(bits).view(bool)[first_row % 8 :][:n_rows]


def split_words(read: Read, name: str) -> list[str]:
    """What the split column says of each row."""
    cells = read.column(name)
    if cells is None:
        raise unknown_column("the split column", name, read.names, "--split")
    return _words(cells)


def rows_by_split(words: Sequence[str]) -> Mask:
    """True for test rows, by the words of a split column."""
    return np.fromiter((word in TEST_WORDS for word in words), bool, len(words))


def about_split(name: str, words: Counter[str]) -> tuple[Assumption, ...]:
    """What is assumed about test rows by the words of a split column.

    Raises
    ------
    DataError
        If a word says neither train nor test, or no row is a test row or none is a training row.
    """
    n_test, n_rows = sum(rows for word, rows in words.items() if word in TEST_WORDS), words.total()
    if words.keys() - (TRAIN_WORDS | TUNE_WORDS | TEST_WORDS) or not 0 < n_test < n_rows:
        listed = ", ".join(f"{word or '(empty)'} ({rows:,} rows)" for word, rows in words.most_common(8))
        raise DataError(
            f"the split column {name!r}",
            "contain the word train or test in each row, and both in some",
            listed,
            "Use the words train, val and test, or name another column with --split.",
        )
    why = f"the column {name} says so"
    tuning = [word for word in words if word in TUNE_WORDS]
    why += f"; rows that say {' or '.join(tuning)} count as train" if tuning else ""
    return (Assumption("test rows", f"{n_test:,} of {n_rows:,}", why, "--split"),)


DRAWN = "--test-size"
"""The flag of test rows that were drawn at random."""


def about_draw(test: Mask, seed: int) -> tuple[Assumption, ...]:
    """What is assumed about test rows that were drawn."""
    value = f"{int(test.sum()):,} of {len(test):,}"
    why = f"drawn by seed {seed} and the content of each row, stratified by class; equal rows stay together"
    return (Assumption("test rows", value, why, DRAWN),)


@dataclass
class Draw:
    """Draws test rows from all parts of a source: 8 bytes are kept of each row, 16 where rows have groups."""

    group: str | None
    aside: tuple[str, ...]
    """The columns that do not count: the label, and the names of rows."""
    _contents: list[Hashes] = field(default_factory=list)
    _groups: list[Hashes] = field(default_factory=list)

    @classmethod
    def of(cls, read: Read, *, label: str, group: str | None, named: str | None) -> Draw:
        """The draw for a source with this first part; an id would make every row differ, so it is left aside."""
        features = [cells for cells in read.cells if cells.name not in (label, group)]
        return cls(group, (label, named or (sniff_id(features) or ("",))[0]))

    def add(self, read: Read) -> None:
        """Add the rows of the next part."""
        left = [cells for cells in read.cells if cells.name not in (*self.aside, self.group)]
        contents = content_digests(content_of(left, read.n_rows) if read.content is None else read.content.tolist())
        self._contents.append(contents)
        together = read.column(self.group) if self.group is not None else None
        if together is not None:
            named = content_digests([f"\x1d{name}" for name in together.raw])
            self._groups.append(np.where(together.missing, contents, named))

    def merge(self, other: Draw) -> None:
        """Add the rows that another one holds, which follow."""
        self._contents += other._contents
        self._groups += other._groups

    def rows(self, codes: Labels, size: float, seed: int) -> Mask:
        """True for the drawn rows, of all that were added.

        Parameters
        ----------
        codes : (n,) int
            Classes; -1 if the label is missing.
        size : float
            A fraction in (0, 1), or a number of rows from 1 on.
        seed : int
            Decides the draw.
        """
        contents = np.concatenate(self._contents)
        if self._groups:
            forest = UnionFind(hashes=True)
            pairs = np.stack([contents, np.concatenate(self._groups)], axis=1)
            contents = forest.update(forest.init(), {"pairs": pairs}).least_of(contents)
        return rows_by_size(codes, contents, size, seed)


def is_split_column(cells: Cells) -> bool:
    """True for a column that is named and filled like a split column, though it was not named."""
    if cells.name.lower() not in ("split", "set", "fold", "subset", "partition"):
        return False
    words = set(_words(cells))
    return words <= TRAIN_WORDS | TUNE_WORDS | TEST_WORDS and len(words) > 1


def rows_by_size(codes: Labels, units: Hashes, size: float, seed: int) -> Mask:
    """True for test rows: a fraction of every class, drawn by the seed; the rows of a unit on one side.

    A row is drawn by the hash of its unit, so the same rows are drawn in any order. Rows without a label stay in
    train. A class of which fewer than two units exist gives none.

    Parameters
    ----------
    codes : (n,) int
        Classes; -1 if the label is missing.
    units : (n,) uint64
        The same hash for rows that stay together: equal ones, and those of a group.
    size, seed : as of `Draw.rows`

    Examples
    --------
    >>> units = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint64)
    >>> drawn = rows_by_size(np.zeros(6, dtype=np.int64), units, 0.4, 0)
    >>> bool((rows_by_size(np.zeros(6, dtype=np.int64), units[::-1], 0.4, 0) == drawn[::-1]).all()), int(drawn.sum())
    (True, 2)
    """
    fraction = _fraction(size, int((codes >= 0).sum()))
    hashes, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    # A unit counts for the rarest of its classes, whatever their numbers; units of several classes are few.
    by_rows = np.argsort(np.bincount(codes[codes >= 0]), kind="stable")
    rank = np.append(np.argsort(by_rows), -1)[codes]
    rarest = np.full(len(hashes), len(by_rows))
    np.minimum.at(rarest, unit, rank)
    order = np.argsort(mixed(hashes ^ mixed(np.array([seed + 7], dtype=np.uint64))))
    chosen = np.zeros(len(hashes), dtype=bool)
    for number in range(len(by_rows)):
        mine = order[rarest[order] == number]
        if len(mine) >= 2:
            quota = max(1, round(fraction * int(sizes[mine].sum())))
            chosen[_filled(mine, sizes, quota)] = True
    test: Mask = chosen[unit]
    if not test.any() or test.all():
        raise DataError(
            "the test size", "leave rows on both sides", f"{size} of {len(codes):,} rows", "Choose another --test-size."
        )
    return test


def _words(cells: Cells) -> list[str]:
    return [str(word).strip().lower() for word in cells.raw]


def _fraction(size: float, rows: int) -> float:
    fraction = size if 0 < size < 1 else size / rows if rows else 0.0
    if not 0 < fraction < 1:
        raise InputError(
            "test_size",
            f"be a fraction between 0 and 1, or a number of rows below {rows:,}",
            f"{size}",
            "Choose, for example, --test-size 0.2.",
        )
    return fraction


def _filled(order: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], quota: int) -> list[int]:
    """Units in their order until the quota is full; one that is too large is passed over, and one always stays."""
    taken: list[int] = []
    rows = 0
    for unit in order[:-1]:
        if rows + sizes[unit] <= quota:
            taken.append(int(unit))
            rows += int(sizes[unit])
    return taken
