"""The rows of a review, read where they stand: a run of records or row groups, an image file, or data in memory."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.reading import audited_file, source_of
from dechaff.data.columns.cells import Cells, texts
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading, TableFiles, has_table_files, open_files
from dechaff.data.formats.images import image_content, read_some_images
from dechaff.data.formats.part import FilePart, TextFileForm, TextPart, part_with
from dechaff.data.formats.record_cuts import Cut, record_cuts
from dechaff.data.formats.source import FilesSource
from dechaff.data.keys import content_digests, content_of
from dechaff.data.memory.frames import PolarsFrame
from dechaff.data.open import open_like, open_with
from dechaff.data.read import Read, joined_reads
from dechaff.errors import DataError, DechaffError, RunError
from dechaff.records.options import AuditOptions, ReadOptions, restored
from dechaff.records.run import Run
from dechaff.typing import Rows

_CUT, _PART_BYTES = 6, 2**16
_KEPT = 16
"""Parts of files that stay in memory: those of the rows that are looked at in turn."""
SAMPLE = 10_000
"""Rows from which the usual values, telling words and rows like a row are taken."""
_IMAGES = 4_000
"""Images among which those like an image are searched: each must be read and decoded once."""


class ReviewRows(ABC):
    """Rows by their places in the table of scores."""

    kept_offsets: bytes = b""
    """What `offsets` gave when the index was made, so that the files need not be searched again."""

    @abstractmethod
    def cells(self, place: int, row: str, key: str) -> list[tuple[str, str]]:
        """Column and text of each cell, without the label.

        Raises
        ------
        RunError
            If the row cannot be read: its file has moved, or it is no longer the row that was audited.
        """

    @abstractmethod
    def contents(self, places: Rows) -> Iterator[tuple[int, str]]:
        """Place and text of the rows at some places, in their order; none if they cannot be read."""

    def column(self, name: str) -> Iterator[tuple[Rows, Sequence[str]]]:
        """Places and texts of all cells of a column, piece by piece.

        Raises
        ------
        RunError
            If the rows cannot be read.
        """
        raise RunError(
            f"The cells of {name} cannot be read, so none of them can be written.",
            fix="Undo the decision about the column.",
        )

    def image(self, row: str) -> str:
        """The path of the row's image file; '' if it has none."""
        return ""

    def offsets(self) -> bytes:
        """Where rows are in files of text, to be kept with the index; b'' if that needs no search."""
        return b""

    @abstractmethod
    def sample(self) -> Dataset | None:
        """Some of the rows as a data set, with their labels; None if they cannot be read."""

    def alone(self, place: int, row: str, cells: Sequence[tuple[str, str]], schema: Schema) -> Dataset:
        """One row as a data set, to be compared with the sample, which has this schema; cells may have been edited."""
        return open_like({name: [text] for name, text in cells}, schema, need_label=False)


@dataclass
class MemoryRows(ReviewRows):
    """Rows of a data set in memory."""

    data: Dataset

    @cached_property
    def _order(self) -> Rows:
        """The row of the data set at each place in the table of scores."""
        return np.argsort(self.data.positions, kind="stable")

    def cells(self, place: int, row: str, key: str) -> list[tuple[str, str]]:
        """Column and text of each cell."""
        at = self._order[place]
        return [(column.name, str(column.raw[at])) for column in self.data.table.columns]

    def contents(self, places: Rows) -> Iterator[tuple[int, str]]:
        """Place and text of some rows."""
        columns = [column.raw for column in self.data.table.columns]
        for place in places.tolist():
            at = self._order[place]
            yield place, " ".join(str(raw[at]) for raw in columns)

    def column(self, name: str) -> Iterator[tuple[Rows, Sequence[str]]]:
        """Places and texts of all cells of a column."""
        raw = next(column.raw for column in self.data.table.columns if column.name == name)
        yield np.arange(len(self.data), dtype=np.int64), raw[self._order].tolist()

    def sample(self) -> Dataset | None:
        """Some of the rows."""
        return self.data.take(_spread(len(self.data), SAMPLE))

    def alone(self, place: int, row: str, cells: Sequence[tuple[str, str]], schema: Schema) -> Dataset:
        """The row; its features if there are any."""
        if self.data.features is None:
            return super().alone(place, row, cells, schema)
        return self.data.take(self._order[[place]])


@dataclass
class FileRows(ReviewRows):
    """Rows of CSV, JSON Lines, Parquet or Arrow files."""

    run: Run
    files: TableFiles
    label: str
    _cuts: npt.NDArray[np.int64] | None = field(default=None, repr=False)
    """File, first row, rows, first and last byte, and line of each run of records in files of text."""
    _stamps: dict[int, tuple[int, int]] = field(default_factory=dict, repr=False)
    """File -> its size and time when it was last read."""
    _read: OrderedDict[int, Read] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def cells(self, place: int, row: str, key: str) -> list[tuple[str, str]]:
        """Column and text of each cell."""
        number, digest = self._number(place), key.partition(":")[0]
        for read in (self._alone, self._in_part):
            try:
                found = [one for one in read(number) if one.name != self.label]
            except (OSError, IndexError, DataError, pl.exceptions.PolarsError) as error:
                raise _changed(self.files.path) from error
            # What polars shows of a rare type, and pyarrow in another way, is read as the audit read it.
            if found and f"{int(content_digests(content_of(found, 1))[0]):016x}" == digest:
                return [(one.name, str(one.raw[0])) for one in found]
        raise _changed(self.files.path)

    def contents(self, places: Rows) -> Iterator[tuple[int, str]]:
        """Place and text of some rows."""
        numbers = places if self._numbers is None else self._numbers[places]
        for part in self.parts:
            inside = slice(*np.searchsorted(numbers, [part.first_row, part.first_row + part.n_rows]))
            if inside.start == inside.stop:
                continue
            rows = numbers[inside] - part.first_row
            columns = [one.raw[rows] for one in part.read().cells if one.name != self.label]
            for place, *cells in zip(places[inside].tolist(), *columns, strict=True):
                yield place, " ".join(map(str, cells))

    def column(self, name: str) -> Iterator[tuple[Rows, Sequence[str]]]:
        """Places and texts of all cells of a column, a part of the files at a time."""
        for part in self.files.parts:
            raw = next(one.raw for one in part.read().cells if one.name == name)
            if self._numbers is None:
                yield part.rows, raw.tolist()
                continue
            first, end = np.searchsorted(self._numbers, [part.first_row, part.first_row + part.n_rows])
            yield np.arange(first, end), raw[self._numbers[first:end] - part.first_row].tolist()

    def sample(self) -> Dataset | None:
        """Some of the rows."""
        parts, found, rows = [part for part in self.parts if part.n_rows], [], 0
        numbers: list[Rows] = []
        for number in _spread(len(parts), max(1, SAMPLE // max(1, parts[0].n_rows))):
            read = parts[number].read()
            found.append(Read(read.cells, read.n_rows, None))
            numbers.append(parts[number].rows)
            rows += read.n_rows
            if rows >= SAMPLE:
                break
        whole = joined_reads(found, FilesSource(self.files, "", rows))
        options = replace(restored(AuditOptions, self.run.options), test=None, test_size=None, split=None)
        sample = open_with(whole, options).train
        names = texts([str(row) for rows in numbers for row in rows.tolist()])
        return sample if sample.id_name else replace(sample, ids=names)

    @cached_property
    def _numbers(self) -> Rows | None:
        """The number in the files of the row at each place; None if they are the same."""
        n_lines = int(pl.scan_parquet(self.run.scores_path).select(pl.len()).collect().item())
        if n_lines == self.files.n_rows:
            return None
        from dechaff.api.out_of_core import audited_files

        return audited_files(self.run, self.files.path)[1]

    def _number(self, place: int) -> int:
        return place if self._numbers is None else int(self._numbers[place])

    def offsets(self) -> bytes:
        """Where rows are in files of text."""
        return b"" if self.files.format not in ("csv", "jsonl") else self._found_cuts().tobytes()

    @cached_property
    def parts(self) -> Sequence[FilePart]:
        """All rows as parts: of text, small ones, of which one is read as fast as its rows are looked at."""
        if self.files.format not in ("csv", "jsonl"):
            return self.files.parts
        forms = self.files.forms
        return [
            TextPart(forms[file], file, first, n_rows, 1.0, Cut(start, stop, n_rows, line))
            for file, first, n_rows, start, stop, line in self._found_cuts().tolist()
        ]

    def _found_cuts(self) -> npt.NDArray[np.int64]:
        if self._cuts is None and self.kept_offsets:
            self._cuts = np.frombuffer(self.kept_offsets, dtype=np.int64).reshape(-1, _CUT)
        if self._cuts is None:
            found, first = [], 0
            for number, form in enumerate(self.files.forms):
                assert isinstance(form, TextFileForm)
                for cut in record_cuts(form.path, form.text, form.dialect, form.body, form.line, _PART_BYTES):
                    found.append((number, first, cut.n_records, cut.start, cut.stop, cut.line))
                    first += cut.n_records
            self._cuts = np.array(found, dtype=np.int64).reshape(-1, _CUT)
        return self._cuts

    def _alone(self, row: int) -> Sequence[Cells]:
        """A row of a Parquet file, of which only the pages around it are decoded; no cells for other formats."""
        if self.files.format != "parquet":
            return ()
        part: FilePart = part_with(self.parts, row)
        first = next(one.first_row for one in self.parts if one.file == part.file)
        frame = pl.scan_parquet(self.files.files[part.file]).slice(row - first, 1).collect()
        return PolarsFrame(frame, "parquet").cells()

    def _in_part(self, row: int) -> Sequence[Cells]:
        """A row of the part that it is in, which stays in memory for the rows around it."""
        part: FilePart = part_with(self.parts, row)
        with self._lock:
            self._forget_changed(part.file)
            found = self._read.pop(part.first_row, None)
            self._read[part.first_row] = found = part.read() if found is None else found
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return found.of_rows(np.array([row - part.first_row]))

    def _forget_changed(self, file: int) -> None:
        """Read a file that has changed again, so that its rows are checked against what was audited."""
        now = self.files.files[file].stat()
        stamp = now.st_size, now.st_mtime_ns
        if self._stamps.setdefault(file, stamp) != stamp:
            self._read.clear()
            self._stamps[file] = stamp


@dataclass
class ImageRows(ReviewRows):
    """Rows that are images, each in a file of its own that is named as the row is."""

    run: Run
    folder: Path

    def cells(self, place: int, row: str, key: str) -> list[tuple[str, str]]:
        """Column and text of each cell."""
        path, digest = self.image(row), key.partition(":")[0]
        if not path:
            raise _changed(self.folder / row)
        if f"{int(content_digests([image_content(Path(path))])[0]):016x}" != digest:
            raise _changed(self.folder)
        return [("file", row)]

    def contents(self, places: Rows) -> Iterator[tuple[int, str]]:
        """Place and text of some rows."""
        return iter(())

    def image(self, row: str) -> str:
        """The path of the row's image file."""
        inside, path = self.folder.resolve(), (self.folder / row).resolve()
        return str(path) if inside in path.parents and path.is_file() else ""

    def sample(self) -> Dataset | None:
        """Some of the rows."""
        names = pl.scan_parquet(self.run.scores_path).select("row").collect()["row"]
        there = sorted(row for row in names.gather(_spread(len(names), _IMAGES)) if self.image(row))
        return open_with(read_some_images(self.folder, there), ReadOptions()).train if there else None

    def alone(self, place: int, row: str, cells: Sequence[tuple[str, str]], schema: Schema) -> Dataset:
        """The image of the row."""
        return open_like(self.image(row), schema, need_label=False)


@dataclass
class NoRows(ReviewRows):
    """Rows that cannot be read, and why."""

    why: DechaffError

    def cells(self, place: int, row: str, key: str) -> list[tuple[str, str]]:
        """Column and text of each cell."""
        raise self.why

    def contents(self, places: Rows) -> Iterator[tuple[int, str]]:
        """Place and text of some rows."""
        return iter(())

    def sample(self) -> Dataset | None:
        """Some of the rows."""
        return None

    def column(self, name: str) -> Iterator[tuple[Rows, Sequence[str]]]:
        """Places and texts of all cells of a column."""
        raise self.why


def rows_of_run(run: Run, data: Dataset | None, source: Any) -> ReviewRows:
    """The rows of a run: of the data in memory, or else of the audited files, which are at `source` if they moved."""
    if data is not None and data.source.format == "image folder" and data.source.path is not None:
        return ImageRows(run, data.source.path)
    if data is not None:
        return MemoryRows(data)
    try:
        if source is None and not run.options.get("source_is_path", False):
            raise RunError(
                f"The data of {run.folder} were in memory when they were audited, so rows cannot be shown.",
                fix="Pass source= to open_run, or review with the Audit object.",
            )
        where = audited_file(run) if source is None else Path(source)
        if has_table_files(where):
            options = restored(ReadOptions, run.options)
            return FileRows(run, open_files(where, Reading.of(options)), run.dataset.label or "")
        return ImageRows(run, where) if where.is_dir() else MemoryRows(source_of(run, where))
    except DechaffError as error:
        return NoRows(error)


def _changed(path: Path) -> RunError:
    if not path.exists():
        return RunError(
            f"Cannot find {path}: it has been moved or deleted.",
            fix="Put it back and reload the page, or start again with --source.",
        )
    return RunError(
        f"This row of {path} is no longer the one that was audited.",
        fix="Restore the file, or audit it again; decisions of reviewers stay in the run folder.",
    )


def _spread(n: int, most: int) -> Rows:
    """At most this many of n positions, evenly spread."""
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, most)).astype(np.int64)) if n else np.zeros(0, dtype=np.int64)
