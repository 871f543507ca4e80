"""Parquet files: rows in parts of a row group, written back with the same schema, compression and row groups.

pyarrow reads them if it is installed, because it gives every type back as it was; polars otherwise, which keeps
types that polars has, and a pandas index as a plain column.
"""

from __future__ import annotations

import importlib.util
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

import polars as pl

from dechaff.data.columns.names import check_distinct_names
from dechaff.data.formats.content import OnFraction, damaged, ignore_fraction
from dechaff.data.formats.part import FileForm, FilePart, PartWriter, TableWriter
from dechaff.data.memory.frames import PolarsFrame
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes, Mask

PART_ROWS = 8_192
"""Most rows of a part that is read as cells; its bytes would say little about the size of its rows."""
_CELL_BYTES, _LIST_BYTES, _NUMBERS_BYTES = 8, 32, 2**23
"""Small row groups are read as one part up to this many bytes, because each part may have its own files."""
_THREAD = threading.local()


@dataclass(frozen=True)
class ParquetForm(FileForm):
    """One file: its columns, and the rows of each of its row groups."""

    group_rows: tuple[int, ...]

    def parts(
        self, file: int, first_row: int, *, numbers: bool = False, on_fraction: OnFraction = ignore_fraction
    ) -> list[ParquetPart]:
        """Some thousand rows each, of one row group or of several small ones; for numbers, whole row groups."""
        starts, total = [0, *accumulate(self.group_rows)], max(1, sum(self.group_rows))
        found = []
        for start, stop in self._runs(self._row_bytes(), _NUMBERS_BYTES) if numbers else self._runs(1.0, PART_ROWS):
            rows, groups = starts[stop] - starts[start], self.group_rows[start:stop]
            for begin in range(0, rows, PART_ROWS) if rows and not numbers else (0,):
                n_rows, first = rows if numbers else min(rows - begin, PART_ROWS), starts[start] + begin
                fraction = (first + n_rows) / total
                found.append(ParquetPart(self, file, first_row + first, n_rows, fraction, start, groups, begin))
        return found if found or numbers else [ParquetPart(self, file, first_row, 0, 1.0, 0, ())]

    def _runs(self, row_weight: float, most: float) -> Iterator[tuple[int, int]]:
        """Row groups from one to another: as many as weigh little enough together, one at least."""
        first, weight = 0, 0.0
        for group, rows in enumerate(self.group_rows):
            if group > first and weight + rows * row_weight > most:
                yield first, group
                first, weight = group, 0.0
            weight += rows * row_weight
        if self.group_rows:
            yield first, len(self.group_rows)

    def _row_bytes(self) -> float:
        """What a row weighs decoded, about: of lists the size of the file shows, unless they are packed to nothing."""
        kinds = self.schema()
        if not any(kind.is_nested() for kind in kinds.values()):
            return _CELL_BYTES * len(kinds)
        return max(_LIST_BYTES, self.path.stat().st_size / max(1, sum(self.group_rows)))

    def schema(self) -> ColumnTypes:
        """Types of the columns."""
        found: ColumnTypes = _reader().types(self.path)
        return found

    def writer(self, stream: IO[bytes], *, gzipped: bool) -> PartWriter:
        """Writes the new form of the file."""
        return _ParquetWriter(self.path, stream, gzipped)


@dataclass(frozen=True)
class ParquetPart(FilePart):
    """Rows of neighbouring row groups, or some of one."""

    form: ParquetForm = field(repr=False)
    first_group: int
    group_rows: tuple[int, ...]
    start: int = 0
    """Its first row in the first row group."""

    @property
    def where(self) -> str:
        """The file and the row groups, for messages."""
        last = self.first_group + len(self.group_rows) - 1
        some = f" {last}" if last == self.first_group else f"s {self.first_group} to {last}"
        return f"{self.form.path}, row group{some}"

    def where_of(self, row: int) -> str:
        """The file and the row group of a row, for messages."""
        return self._place(bisect_right(list(accumulate(self.group_rows)), self.start + row - self.first_row))

    def read(self) -> Read:
        """The cells of all columns."""
        try:
            frame = self._table()
        except _reader().Damaged as error:
            raise self._damaged(self.form.names, error) from error
        return Read(frame.cells(), self.n_rows, frame)

    def _table(self) -> Any:
        if not self.n_rows:
            return PolarsFrame(pl.DataFrame(schema=self.form.schema()), "parquet")
        if len(self.group_rows) == 1:
            return _table(self.form.path, self.first_group, self.start, PART_ROWS)
        return next(_reader().tables(self.form.path, self._groups(0, len(self.group_rows)), self.n_rows))

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        reader = _reader()
        try:
            yield from reader.frames(self.form.path, self._groups(0, len(self.group_rows)), columns)
        except reader.Damaged as error:
            raise self._damaged(columns, error) from error

    def _damaged(self, columns: Sequence[str], error: Exception) -> DataError:
        """Names the first row group that cannot be read alone either."""
        reader = _reader()
        for place in range(len(self.group_rows)):
            try:
                for _ in reader.frames(self.form.path, self._groups(place, place + 1), columns):
                    pass
            except reader.Damaged:
                return damaged(self._place(place), "Parquet file", error)
        return damaged(self.where, "Parquet file", error)

    def _groups(self, start: int, stop: int) -> range:
        return range(self.first_group + start, self.first_group + stop)

    def _place(self, place: int) -> str:
        return f"{self.form.path}, row group {self.first_group + place}"


def _table(path: Path, group: int, start: int, rows: int) -> Any:
    """Some rows of a row group; each thread goes on in the one that it has begun, as long as it reads in order."""
    key = (path, path.stat().st_mtime_ns, group)
    if getattr(_THREAD, "key", None) != key or start < _THREAD.place:
        _THREAD.key, _THREAD.place, _THREAD.tables = key, 0, _reader().tables(path, range(group, group + 1), rows)
    while True:
        table = next(_THREAD.tables)
        _THREAD.place += rows
        if _THREAD.place > start:
            return table


@dataclass
class _ParquetWriter(TableWriter):
    """A row group of the original is a row group of the new file."""

    _waiting: list[Any] = field(default_factory=list, init=False)
    _group: int = field(default=0, init=False)

    def write(self, part: ParquetPart, changed: Any, kept: Mask) -> None:
        begin = at = 0
        for place, rows in enumerate(part.group_rows):
            if part.first_group + place != self._group:
                self._end_group()
                self._group = part.first_group + place
            n_kept = int(kept[begin : begin + rows].sum())
            if n_kept:
                self._waiting.append(changed.slice(at, n_kept))
            begin, at = begin + rows, at + n_kept

    def append(self, tables: Sequence[Any]) -> None:
        """A row group of new rows."""
        self._end_group()
        self._waiting = list(tables)

    def _end(self) -> None:
        self._end_group()
        self._out.close()

    @cached_property
    def _out(self) -> Any:
        return _reader().TableWriter(self.original, self.packed)

    def _end_group(self) -> None:
        if self._waiting:
            self._out.add(self._waiting)
        self._waiting = []


def parquet_form(path: Path) -> ParquetForm:
    """The form of one file, from its footer."""
    reader = _reader()
    if not path.stat().st_size:
        raise DataError(f"The file {path} is empty.", fix="Check that it is the right file.")
    try:
        fields, rows = reader.fields(path), reader.group_rows(path)
    except reader.Damaged as error:
        raise damaged(path, "Parquet file", error) from error
    check_distinct_names([name for name, _ in fields], f"the file {path}")
    return ParquetForm(path, (), tuple(fields), tuple(rows))


def _reader() -> Any:
    """The module that reads."""
    try:
        found = importlib.util.find_spec("pyarrow") is not None
    except ValueError:  # it is kept from being imported
        found = False
    return import_module(f"dechaff.data.formats.{'arrow_parquet' if found else 'polars_parquet'}")
