"""One number for each row of a source, in memory or in files: written in any order, read in the order of rows."""

from __future__ import annotations

import errno
import mmap
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from polars.exceptions import PolarsError

from dechaff.core.fold import Fold, R, S, folded
from dechaff.errors import RunError
from dechaff.typing import Chunk, Mask, Rows

FULL = (errno.ENOSPC, errno.EDQUOT)
_SAID = ("No space left on device", "Disk quota exceeded", " requested and ", "disk is full")
T = TypeVar("T")
RowColumn = npt.NDArray[Any]
_STEP = 2**20


@dataclass(frozen=True)
class RowStore:
    """Columns of `n_rows` numbers: in files of a folder, memory-mapped, or in memory if there is no folder."""

    folder: Path | None
    n_rows: int
    _arrays: dict[str, RowColumn] = field(default_factory=dict, repr=False)

    def make(self, name: str, dtype: Any, fill: Any = 0, *, n_rows: int | None = None) -> RowColumn:
        """A new column, the same value everywhere; an OSError where the disk has no room for it.

        With `n_rows`, it has more entries than the source has rows: for those of a test file.
        """
        n_rows = self.n_rows if n_rows is None else n_rows
        if self.folder is None:
            self._arrays[name] = np.full(n_rows, fill, dtype=dtype)
            return self._arrays[name]
        column = np.lib.format.open_memmap(self._path(name), mode="w+", dtype=np.dtype(dtype), shape=(n_rows,))
        self._arrays[name] = column
        _reserve(self._path(name))
        if fill != 0:
            for span in self.releasing(spans_of(n_rows)):
                column[span] = fill
        return column

    def open(self, name: str) -> RowColumn:
        """A column that was made before."""
        if name not in self._arrays:
            self._arrays[name] = np.lib.format.open_memmap(self._path(name), mode="r+")
        return self._arrays[name]

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self._arrays if self.folder is None else self._path(name).exists()

    def spans(self) -> Iterator[slice]:
        """The rows in pieces that fit into any memory."""
        return self.releasing(spans_of(self.n_rows))

    def releasing(self, items: Iterable[T]) -> Iterator[T]:
        """The same items; after each, the process lets go of the pages of columns in files that were touched.

        They stay in the files. Otherwise they would count as memory of the process until the end, for many rows more
        than everything else.
        """
        for item in items:
            yield item
            for column in self._arrays.values() if hasattr(mmap, "MADV_DONTNEED") else ():  # Windows has none
                if isinstance(column, np.memmap):
                    column._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]

    def chunks(self, columns: Mapping[str, str], among: Callable[[slice], Mask] | None = None) -> Iterator[Chunk]:
        """Columns by the names that a fold reads them by, and ``row``, the number of each row: of all rows, or some."""
        opened = {name: self.open(column) for name, column in columns.items()}
        for span in self.releasing(spans_of(len(next(iter(opened.values()))))):
            some = slice(None) if among is None else np.flatnonzero(among(span))
            rows = np.arange(span.start, span.stop)[some]
            yield {"row": rows, **{name: np.asarray(column[span])[some] for name, column in opened.items()}}

    def fold(self, fold: Fold[S, R], columns: Mapping[str, str], among: Callable[[slice], Mask] | None = None) -> R:
        """The result of a fold over these chunks."""
        return fold.finalize(folded(fold, self.chunks(columns, among)))

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{name}.npy"


def rows_by_hash(hashes: RowColumn, wanted: Callable[[slice], Mask]) -> Iterator[Rows]:
    """The numbers of the wanted rows, sorted by hash and then by number; about a million at a time, no hash cut."""
    shares = np.uint64(1 + len(hashes) // _STEP)
    for share in range(int(shares)):
        found = [
            np.flatnonzero(wanted(span) & (hashes[span] % shares == share)) + span.start
            for span in spans_of(len(hashes))
        ]
        rows = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        yield rows[np.argsort(hashes[rows], kind="stable")]


def _reserve(path: Path) -> None:
    """Room on the disk for all of a mapped file: without it, the process would be killed where there is none left."""
    if hasattr(os, "posix_fallocate"):  # macOS and Windows have none
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            except OSError as error:
                if error.errno in FULL:
                    raise  # any other says that this file system reserves nothing


def spans_of(n_rows: int) -> list[slice]:
    """So many rows in pieces that fit into any memory."""
    return [slice(start, min(start + _STEP, n_rows)) for start in range(0, n_rows, _STEP)]


@contextmanager
def explain_full_disk(folder: Path, then: str) -> Iterator[None]:
    """A RunError that names the folder if the block fills its disk; `then` is what to do once there is space."""
    try:
        yield
    except (OSError, PolarsError, sqlite3.Error) as error:
        if getattr(error, "errno", None) not in FULL and not any(words in str(error) for words in _SAID):
            raise
        raise RunError(f"No space left in {folder}: the disk is full.", fix=f"Free some space; {then}.") from error
