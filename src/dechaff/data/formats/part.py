"""Parts of files: neighbouring rows of one file that can be read anywhere, as cells or as data frames of numbers."""

from __future__ import annotations

import io
import zlib
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import OnFraction, compressed, ends_with_line_end, ignore_fraction, read_range
from dechaff.data.formats.csv_dialect import Dialect
from dechaff.data.formats.record_cuts import Cut, record_cuts
from dechaff.data.formats.text import TextForm, decoded_head
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes, Mask

PART_BYTES = 2**21
"""Bytes of a part that is read as cells: a few thousand rows of text."""
NUMBERS_BYTES = 2**24
"""Bytes of a part if only its columns of numbers are read."""
FRAME_ROWS = 2**15
"""Rows of a data frame: enough for the columns of a file to be read fast, few enough for any memory."""


@dataclass(frozen=True)
class FilePart(ABC):
    """Some rows of one file; travels by pickle."""

    form: Any = field(repr=False)
    """How the file is written."""
    file: int
    """Which file of the source it is."""
    first_row: int
    """The number of its first row among all rows of the source."""
    n_rows: int
    fraction: float
    """Fraction of the file that has been read with it."""

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of its rows."""
        return np.arange(self.first_row, self.first_row + self.n_rows, dtype=np.int64)

    @property
    def where(self) -> str:
        """The file and the place in it, for messages."""
        return self.where_of(self.first_row)

    @abstractmethod
    def where_of(self, row: int) -> str:
        """The file and the place in it of one of its rows, by the number that it has among all rows."""

    @abstractmethod
    def read(self) -> Read:
        """All columns, with the text of their cells, and the way back to the file.

        Raises
        ------
        DataError
            If the file is damaged there; the message names the place.
        """

    @abstractmethod
    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns as numbers and texts, in order and a few rows at a time; the fast way.

        Raises
        ------
        DataError
            As `read` does.
        """


class PartWriter(ABC):
    """Takes the parts of one file in order and makes the new file of them."""

    @abstractmethod
    def write(self, part: Any, changed: Any, kept: Mask) -> None:
        """The new form of one part: its text or table without the rows that are not `kept`, labels changed."""

    def append(self, tables: Sequence[Any]) -> None:
        """New rows behind those of all parts, in a format that takes tables."""
        raise NotImplementedError

    @abstractmethod
    def close(self) -> None:
        """The file is whole; nothing follows."""


def part_with(parts: Sequence[Any], row: int) -> Any:
    """The part that has a row; of parts without rows and the next one, the latter stands behind."""
    return parts[bisect_right(parts, row, key=lambda part: part.first_row) - 1]


@dataclass(frozen=True)
class FileForm(ABC):
    """How one file is written."""

    path: Path
    assumptions: tuple[Assumption, ...]
    """What was sniffed about it."""
    fields: tuple[tuple[str, Any], ...] = field(repr=False)
    """Names and types of the columns, as far as all files of a data set must have the same."""

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [name for name, _ in self.fields]

    @abstractmethod
    def parts(
        self, file: int, first_row: int, *, numbers: bool = False, on_fraction: OnFraction = ignore_fraction
    ) -> Sequence[FilePart]:
        """Its rows in order, each in one part; a file without rows may have one part of none.

        For columns of `numbers` alone, parts are larger.
        """

    @abstractmethod
    def schema(self) -> ColumnTypes:
        """Types of the columns, as `FilePart.frames` gives them."""

    @abstractmethod
    def writer(self, stream: IO[bytes], *, gzipped: bool) -> PartWriter:
        """Writes the new form of the file to a stream."""


@dataclass(frozen=True)
class TextFileForm(FileForm):
    """How a file of records of text is written."""

    text: TextForm
    """How its characters are written."""
    dialect: Dialect | None
    """None if each line is a record."""
    body: int
    """The byte after the header, if there is one."""
    line: int
    """The line of the file on which the body begins."""

    def parts(
        self, file: int, first_row: int, *, numbers: bool = False, on_fraction: OnFraction = ignore_fraction
    ) -> list[TextPart]:
        """Runs of records; the first to be read as cells has the header, too, which is no row."""
        part_bytes = NUMBERS_BYTES if numbers else PART_BYTES
        cuts = []
        for cut in record_cuts(self.path, self.text, self.dialect, self.body, self.line, part_bytes):
            on_fraction(cut.fraction)
            cuts.append(cut)
        if not numbers:
            top = len(self.text.bom)
            cuts = cuts or [Cut(top, self.body, 0, self.line)]
            cuts[0] = replace(cuts[0], start=top)
        firsts = np.cumsum([first_row, *(cut.n_records for cut in cuts)]).tolist()
        return [
            TextPart(self, file, first, cut.n_records, cut.fraction, cut)
            for first, cut in zip(firsts, cuts, strict=False)
        ]

    def schema(self) -> ColumnTypes:
        """Types of the columns by the first megabyte of records; numbers as wide as those of later records may be."""
        text, whole = decoded_head(self.path, self.text)
        above = read_range(self.path, len(self.text.bom), self.body, gzipped=self.text.gzipped)
        text = text[len(self.text.decode(above)) :]
        return self.types_of(self.text.utf8_of(text if whole else text[: self.end_of_records(text)]))

    def end_of_records(self, text: str) -> int:
        """Where the last complete record ends in a piece of the text."""
        return text.rfind(self.text.line_end) + 1

    @abstractmethod
    def records(self, text: str) -> Sequence[tuple[int, int]]:
        """Where records begin and end in a piece of the text."""

    @abstractmethod
    def read_part(self, part: TextPart) -> Read:
        """The cells of a part."""

    @abstractmethod
    def types_of(self, data: bytes) -> ColumnTypes:
        """Types of the columns by some records in UTF-8."""

    @abstractmethod
    def parse(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """The wanted columns of records in UTF-8."""

    @abstractmethod
    def field(self, record: str, name: str) -> str:
        """One field of a record, as the file holds it."""

    @abstractmethod
    def with_field(self, record: str, name: str, value: str) -> str:
        """The record with another field; all else stays as it is."""

    def with_cell(self, record: str, name: str, text: str) -> str:
        """The record with the text of a cell written in its field."""
        return self.with_field(record, name, text)

    def above_with(self, above: str, name: str) -> str:
        """What stands above the first record, if a column may be new."""
        return above

    def labelled(self, record: str, name: str, value: str | None) -> str:
        """The record with a label in a column that may be new; None if it has none."""
        return record if value is None else self.with_field(record, name, value)

    def writer(self, stream: IO[bytes], *, gzipped: bool) -> PartWriter:
        """Writes the new form of the file."""
        return _TextWriter(stream, self, gzipped=gzipped)


@dataclass
class TableWriter(PartWriter):
    """Writes parts that are tables, by a writer that wants the whole file to be packed at its end, if at all."""

    original: Path
    stream: IO[bytes]
    gzipped: bool

    def __post_init__(self) -> None:
        self.packed: IO[bytes] = io.BytesIO() if self.gzipped else self.stream

    def close(self) -> None:
        """The file is whole; nothing follows."""
        self._end()
        if self.gzipped and isinstance(self.packed, io.BytesIO):
            self.stream.write(compressed(self.packed.getvalue()))

    @abstractmethod
    def _end(self) -> None:
        """The last part was written."""


class _TextWriter(PartWriter):
    """Writes pieces of text with the encoding of a file; a final line end only if that file has one."""

    def __init__(self, stream: IO[bytes], form: TextFileForm, *, gzipped: bool) -> None:
        self._text = form.text
        self._stream = stream
        # The same bytes at any time of day: no time and no name in the header.
        self._pack: Any = zlib.compressobj(9, zlib.DEFLATED, 31) if gzipped else None
        self._keeps_end = ends_with_line_end(form.path)
        self._held = ""
        self._put(form.text.bom)

    def write(self, part: Any, changed: str, kept: Mask) -> None:
        if not changed:
            return
        text = self._held + changed
        end = len(text.rstrip("\r\n"))
        self._held = text[end:]
        self._put(self._text.encode(text[:end]))

    def close(self) -> None:
        if self._keeps_end:
            self._put(self._text.encode(self._held))
        if self._pack is not None:
            self._stream.write(self._pack.flush())

    def _put(self, data: bytes) -> None:
        self._stream.write(data if self._pack is None else self._pack.compress(data))


@dataclass(frozen=True)
class PartText:
    """The text of a part, and the piece of it that each row stands in."""

    form: TextFileForm
    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def value(self, name: str, row: int) -> str:
        """One field as the file holds it."""
        return self.form.field(self.text[self.starts[row] : self.ends[row]], name)

    def record(self, row: int) -> str:
        """The text of a row, without its line end."""
        return self.text[self.starts[row] : self.ends[row]].rstrip("\r\n")

    def with_cells(self, name: str, cells: Mapping[int, str]) -> PartText:
        """The same with the fields of some rows written."""
        return self._with(
            self._above, lambda row, record: self.form.with_cell(record, name, cells[row]) if row in cells else record
        )

    def labelled(self, name: str, values: Sequence[str | None]) -> PartText:
        """The same with a label in each record that has one, in a column that may be new."""
        above = self.form.above_with(self._above, name)
        return self._with(above, lambda row, record: self.form.labelled(record, name, values[row]))

    @property
    def _above(self) -> str:
        """What stands above the first record."""
        return self.text[: self.starts[0]] if self.starts else self.text

    def _with(self, above: str, new: Callable[[int, str], str]) -> PartText:
        """The same with other text above and other records."""
        pieces, starts, ends, size, done = [above], [], [], len(above), len(self._above)
        for row, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            record = new(row, self.text[start:end])
            pieces += [self.text[done:start], record]
            starts.append(size + start - done)
            ends.append(starts[-1] + len(record))
            size, done = ends[-1], end
        return PartText(self.form, "".join([*pieces, self.text[done:]]), starts, ends)

    def changed(self, keep: Mask, name: str, values: Mapping[int, str]) -> str:
        """The text without some of its records and with some fields of one column set; all else stays as it is."""
        pieces, done = [], 0
        for row, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            # What lies between records (blank lines, the header before the first) always stays.
            pieces.append(self.text[done:start])
            if keep[row]:
                record = self.text[start:end]
                pieces.append(self.form.with_field(record, name, values[row]) if row in values else record)
            done = end
        pieces.append(self.text[done:])
        return "".join(pieces)


@dataclass(frozen=True)
class TextPart(FilePart):
    """Records of a CSV or JSON Lines file."""

    form: TextFileForm = field(repr=False)
    cut: Cut
    types: Mapping[str, Any] | None = field(default=None, repr=False)
    """Types of all columns, for `frames`; None for those that its own records show."""

    def where_of(self, row: int) -> str:
        """The file and the line with which a record begins."""
        text = self.form.text.shown(self.form.text.decode(self.data()))
        start, _ = self.form.records(text)[row - self.first_row]
        return f"{self.form.path}, line {self.cut.line + text.count(self.form.text.line_end, 0, start)}"

    def data(self, *, whole: bool = False) -> bytes:
        """Its bytes; the header and what stands above it are the first part's if the `whole` of it is wanted."""
        start = self.cut.start if whole else max(self.cut.start, self.form.body)
        return read_range(self.form.path, start, self.cut.stop, gzipped=self.form.text.gzipped)

    def read(self) -> Read:
        """The cells of all columns."""
        return self.form.read_part(self)

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        data = self.form.text.as_utf8(self.data())
        types = self.form.types_of(data) if self.types is None else self.types
        try:
            frame = self.form.parse(data, types, columns)
        except pl.exceptions.PolarsError as error:
            raise self._first_broken(data.decode(), types, columns, error) from error
        if len(frame) != self.n_rows:
            raise _broken(
                f"{self.form.path}, from line {self.cut.line} on", f"{len(frame)} records where {self.n_rows} lines end"
            )
        yield from frame.iter_slices(FRAME_ROWS)

    def _first_broken(self, text: str, types: Mapping[str, Any], columns: Sequence[str], error: Exception) -> DataError:
        """Names the first record that cannot be read: the shortest run of records that fails ends with it."""
        records = self.form.records(text)
        found = error

        def fails(n_records: int) -> bool:
            nonlocal found
            try:
                self.form.parse(text[: records[n_records - 1][1]].encode(), types, columns)
            except pl.exceptions.PolarsError as error:
                found = error
                return True
            return False

        place = bisect_left(range(1, len(records)), True, key=fails)
        fails(place + 1)
        line = self.cut.line + text.count("\n", 0, records[place][0])
        where = f"{self.form.path}, line {line} (row {self.first_row + place})"
        return _broken(where, str(found).splitlines()[0][:160])


def _broken(where: str, found: str) -> DataError:
    return DataError(
        f"the file {where}",
        "have records with the columns and types of its first records",
        found,
        "Correct the file, or download it again; quotes must be closed.",
    )
