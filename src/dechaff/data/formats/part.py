"""Parts of files: neighbouring rows of one file that can be read anywhere, as cells or as data frames of numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import OnFraction, read_range
from dechaff.data.formats.record_cuts import Cut
from dechaff.data.formats.text import TextForm
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes, Mask

PART_BYTES = 2**21
"""Bytes of a part that is read as cells: a few thousand rows of text."""
NUMBERS_BYTES = 2**24
"""Bytes of a part of which only columns of numbers are read."""
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

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of its rows."""
        return np.arange(self.first_row, self.first_row + self.n_rows, dtype=np.int64)

    @property
    @abstractmethod
    def fraction(self) -> float:
        """Fraction of the file that has been read with it."""

    @property
    @abstractmethod
    def where(self) -> str:
        """The file and the place in it, for messages."""

    @abstractmethod
    def where_of(self, row: int) -> str:
        """The same for one of its rows, by the number that it has among all rows."""

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


class PartWriter(Protocol):
    """Takes the parts of one file in order and makes the new file of them."""

    def add(self, part: FilePart, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One part: which of its rows stay, and new labels by place in the part."""

    def close(self) -> None:
        """The file is whole; nothing follows."""


class FileForm(Protocol):
    """How one file is written."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was sniffed about it."""

    def parts(self, file: int, first_row: int, *, on_fraction: OnFraction = ...) -> Sequence[FilePart]:
        """Its rows in order, each in one part; a file without rows may have one part of none."""

    def number_parts(self, file: int, first_row: int, *, on_fraction: OnFraction = ...) -> Sequence[FilePart]:
        """The same in larger parts, of which only columns of numbers are read."""

    def schema(self) -> Mapping[str, Any]:
        """Types of the columns, as `FilePart.frames` gives them."""

    def writer(self, stream: IO[bytes], label_name: str, spellings: Mapping[str, Any], *, gzipped: bool) -> PartWriter:
        """Writes the new form of the file to a stream; `spellings` are the labels by class as files hold them."""


class TextFileForm(FileForm, Protocol):
    """How a file of records of text is written."""

    @property
    def text(self) -> TextForm:
        """How its characters are written."""

    @property
    def body(self) -> int:
        """The byte after the header, if there is one."""

    def records(self, text: str) -> Sequence[tuple[int, int]]:
        """Where records begin and end in a piece of the text."""

    def read_part(self, part: TextPart) -> Read:
        """The cells of a part."""

    def types_of(self, data: bytes) -> ColumnTypes:
        """Types of the columns by some records in UTF-8."""

    def parse(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """The wanted columns of records in UTF-8."""


@dataclass(frozen=True)
class TextPart(FilePart):
    """Records of a CSV or JSON Lines file."""

    form: TextFileForm = field(repr=False)
    cut: Cut
    types: Mapping[str, Any] | None = field(default=None, repr=False)
    """Types of all columns, for `frames`; None for those that its own records show."""

    @property
    def fraction(self) -> float:
        """Fraction of the file that has been read with it."""
        return self.cut.fraction

    @property
    def where(self) -> str:
        """The file and the line, for messages."""
        return f"{self.form.path}, from line {self.cut.line} on"

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
            raise _broken(self.where, f"{len(frame)} records where {self.n_rows} lines end")
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


def text_parts(form: TextFileForm, file: int, first_row: int, cuts: Sequence[Cut]) -> list[TextPart]:
    """Parts of the records between cuts."""
    firsts = np.cumsum([first_row, *(cut.n_records for cut in cuts)]).tolist()
    return [TextPart(form, file, first, cut.n_records, cut) for first, cut in zip(firsts, cuts, strict=False)]


def _broken(where: str, found: str) -> DataError:
    return DataError(
        f"the file {where}",
        "hold records of the columns and types that its first records have",
        found,
        "Correct or fetch the file again; quotes must be closed.",
    )
