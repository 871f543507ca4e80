"""The rows of a file, as a data engine reads and keeps them: a column of lists becomes a column for each number."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import Hashes
from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading, has_table_files, open_files
from dechaff.data.formats.source import FilesSource
from dechaff.data.open import open_like, read_path
from dechaff.data.read import Read, joined_reads
from dechaff.errors import DataError, RunError
from dechaff.typing import Columns, Rows


@dataclass(frozen=True)
class FileRows:
    """Rows of a file, read once."""

    source: str | os.PathLike[str]
    read: Read

    @classmethod
    def of(cls, source: str | os.PathLike[str], reading: Reading | None = None) -> FileRows:
        """The rows of a table, with an embedding as columns of numbers.

        Raises
        ------
        RunError
            If it is no table.
        DataError
            If the lists of a column differ in length.
        """
        return cls._checked(source, read_path(source, reading or Reading()))

    @classmethod
    def parts(cls, source: str | os.PathLike[str], reading: Reading | None = None) -> Iterator[FileRows]:
        """The same rows in order, a part at a time; errors as of `of`."""
        if not has_table_files(source):
            yield cls.of(source, reading)
            return
        tables, n = open_files(source, reading or Reading()), 0
        for part, read in tables.scan():
            if read.n_rows:
                names = np.array([str(row) for row in part.rows], dtype=object)
                yield cls._checked(source, replace(read, source=FilesSource(tables, "", read.n_rows), ids=names))
                n += read.n_rows
        if not n:
            yield cls.of(source, reading)  # which says that there are no rows

    @classmethod
    def joined(cls, parts: Sequence[FileRows]) -> FileRows:
        """Rows of some parts of one file, as one; a column that a part lacks is empty there."""
        reads = [one.read for one in parts]
        ids = [one.ids for one in reads if one.ids is not None]
        together = joined_reads(reads, reads[0].source)
        return cls(parts[0].source, replace(together, ids=np.concatenate(ids) if len(ids) == len(reads) else None))

    @classmethod
    def _checked(cls, source: str | os.PathLike[str], read: Read) -> FileRows:
        if read.features is not None or not read.cells or any(one.stored == "image" for one in read.cells):
            fix = "Write an embedding or the pixels of each row as a list column of Parquet or JSONL, or as columns."
            raise RunError(f"A data engine needs a table, which {source} is not.", fix=fix)
        if any(one.stored == "nested" for one in read.cells):
            read = replace(read, cells=tuple(part for one in read.cells for part in _columns(one, source)))
        return cls(source, read)

    def take(self, rows: Rows) -> FileRows:
        """Some of the rows."""
        ids = None if self.read.ids is None else self.read.ids[rows]
        return replace(self, read=replace(self.read, cells=self.read.of_rows(rows), n_rows=len(rows), ids=ids))

    @property
    def cells(self) -> Columns:
        """Every column as text."""
        return {one.name: one.raw.tolist() for one in self.read.cells}

    def like(self, schema: Schema, *, need_label: bool = True) -> Dataset:
        """The rows, by the columns and classes of others; as `open_like`."""
        try:
            return open_like(self.read, schema, need_label=need_label)
        except DataError as error:
            if str(self.source) in str(error):
                raise
            raise error.about(str(self.source)) from error


@dataclass
class SmallestRows:
    """The rows of a file with the smallest numbers in each of some columns; of rows of one name the first.

    Rows are added part by part and kept in their order; numbers that are infinite are not wanted. What is kept does
    not depend on where a part ends.
    """

    most: int
    """Rows that are kept for each column."""
    parts: list[tuple[FileRows, npt.NDArray[np.float64], Hashes]] = field(default_factory=list)

    def add(self, rows: FileRows, numbers: npt.NDArray[np.float64], names: Hashes) -> None:
        """Some more rows, with their numbers (n, columns) and names; once many are there, most are dropped."""
        if len(numbers):
            self.parts.append((rows, numbers, names))
            if sum(len(one) for one in self._names()) > 2 * self.most * numbers.shape[1]:
                self._cut()

    def joined(self) -> FileRows | None:
        """The rows that are wanted; None if there are none."""
        self._cut()
        return FileRows.joined([rows for rows, _, _ in self.parts]) if self.parts else None

    def _names(self) -> list[Hashes]:
        return [names for _, _, names in self.parts]

    def _cut(self) -> None:
        if not self.parts:
            return
        numbers = np.concatenate([one for _, one, _ in self.parts])
        first = np.sort(np.unique(np.concatenate(self._names()), return_index=True)[1])
        wanted = np.zeros(len(numbers), dtype=bool)
        for column in numbers[first].T:
            best = np.argsort(column, kind="stable")[: self.most]
            wanted[first[best[np.isfinite(column[best])]]] = True
        parts, start = self.parts, 0
        self.parts = []
        for rows, own, names in parts:
            at = np.flatnonzero(wanted[start : start + len(own)])
            start += len(own)
            if len(at):
                self.parts.append((rows.take(at), own[at], names[at]))


def _columns(cells: Cells, source: Any) -> tuple[Cells, ...]:
    """A column as it is; one of lists of numbers as a column for each number; other nested ones are left out."""
    if cells.stored != "nested":
        return (cells,)
    lists = [None if absent else _parsed(text) for text, absent in zip(cells.raw.tolist(), cells.missing, strict=True)]
    known = [one for one in lists if one is not None]
    if not known or not all(isinstance(one, list) and all(map(_is_number, one)) for one in known):
        return ()
    lengths = {len(one) for one in known}
    if len(lengths) > 1:
        raise DataError(
            f"the column {cells.name!r} of {source}", "hold lists of one length",
            f"lists of {min(lengths)} and of {max(lengths)} numbers", "Make them equally long, or drop the column.",
        )  # fmt: skip
    width = lengths.pop()
    rows: npt.NDArray[np.float64] = np.array(
        [[None] * width if one is None else one for one in lists], dtype=np.float64
    )
    return tuple(cells_from_values(f"{cells.name}_{at}", rows[:, at].tolist()) for at in range(width))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
