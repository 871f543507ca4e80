"""Which rows of a block are sealed as test rows, told from the rows themselves: the same in every pass."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import mixed
from dechaff.data.columns.cells import Cells
from dechaff.data.columns.names import unknown_column
from dechaff.data.dataset import Assumption
from dechaff.data.keys import content_of
from dechaff.data.read import Read
from dechaff.data.splits import TEST_WORDS, TUNE_WORDS, rows_by_split
from dechaff.errors import DataError, InputError
from dechaff.typing import Mask


@dataclass(frozen=True)
class Sealing:
    """By the words of the column `split`, or a `share` of the rows drawn by their content; of none where neither is.

    Equal rows, and rows of one `group`, fall on one side; the columns `aside` (label and id) do not count.
    """

    split: str | None = None
    share: float | None = None
    group: str | None = None
    aside: tuple[str, ...] = ()
    seed: int = 0

    def sealed(self, read: Read) -> Mask:
        """True for the test rows of a block."""
        if self.split is not None:
            return np.fromiter((word in TEST_WORDS for word in self.words(read)), bool, read.n_rows)
        if self.share is None:
            return np.zeros(read.n_rows, dtype=bool)
        lots = mixed(_units(read, self.group, self.aside) ^ mixed(np.array([self.seed + 7], dtype=np.uint64)))
        return np.asarray(lots < np.uint64(min(self.share, 1 - 1e-9) * 2.0**64))

    def words(self, read: Read) -> list[str]:
        """What the split column says of each row."""
        if self.split is None:
            return []
        cells = read.column(self.split)
        if cells is None:
            raise unknown_column("the split column", self.split, read.names, "--split")
        return [str(word).strip().lower() for word in cells.raw]

    def assumption(self, words: Counter[str], n_test: int, n_rows: int) -> tuple[Assumption, ...]:
        """What is said of it; a DataError if no row is left on one side."""
        value = f"{n_test:,} of {n_rows:,}"
        if self.split is not None:
            rows_by_split(_cells(self.split, words))
            why = f"the column {self.split} says so"
            tuning = [word for word in words if word in TUNE_WORDS]
            why += f"; rows that say {' or '.join(tuning)} count as train" if tuning else ""
            return (Assumption("test rows", value, why, "--split"),)
        if self.share is None:
            return ()
        if not 0 < n_test < n_rows:
            raise DataError(
                "test_size",
                "leave some rows on each side",
                f"{n_test:,} of {n_rows:,} rows, for a share of {self.share:g}",
                "Choose, for example, --test-size 0.2, or name a file of test rows with --test.",
            )
        why = f"drawn by seed {self.seed} from the content of each row, equal rows on one side"
        return (Assumption("test rows", value, why, "--test-size"),)


def share_of(test_size: float | None) -> float | None:
    """The fraction of held-out rows; an InputError for a number of rows, which cannot be drawn row by row."""
    if test_size is None or 0 < test_size < 1:
        return test_size
    raise InputError(
        "test_size",
        "be a fraction between 0 and 1, because the data exceed the memory limit",
        f"{test_size:g}",
        "Choose, for example, --test-size 0.2, or name a file of test rows with --test.",
    )


def _cells(name: str, words: Counter[str]) -> Cells:
    """As many cells as rows, in no order."""
    raw = np.repeat(np.array(list(words), dtype=object), list(words.values()))
    return Cells(name, raw, np.zeros(len(raw), dtype=bool), "text")


def _units(read: Read, group: str | None, aside: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    """A number for each row, equal for equal rows and for rows of one group."""
    left = [cells for cells in read.cells if cells.name not in (*aside, group)]
    contents = content_of(left, read.n_rows)
    together = read.column(group) if group is not None else None
    if together is not None:
        pairs = zip(contents, together.raw, together.missing, strict=True)
        contents = [one if gone else f"\x1d{named}" for one, named, gone in pairs]
    return np.fromiter((digest(one) for one in contents), np.uint64, read.n_rows)


def digest(content: str) -> int:
    """64 bits of a text."""
    return int.from_bytes(hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest())
