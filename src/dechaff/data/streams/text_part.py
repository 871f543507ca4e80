"""Records of a CSV or JSONL file as a part: a range of bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

import polars as pl

from dechaff.data.streams.byte_ranges import ByteRange, read_range, record_ends
from dechaff.data.streams.table_part import FRAME_ROWS
from dechaff.errors import DataError

Parse = Callable[[bytes, Mapping[str, Any], Sequence[str]], pl.DataFrame]
"""The wanted columns of some records, given the types of all; blank lines are rows of nulls."""


@dataclass(frozen=True)
class TextPart:
    """Some records of one file."""

    path: str
    range: ByteRange
    first_row: int
    schema: Mapping[str, Any] = field(repr=False)
    parse: Parse
    quoted: bool
    """Whether a line end within double quotes ends no record."""

    @property
    def n_rows(self) -> int:
        """The number of its records."""
        return self.range.n_records

    @property
    def where(self) -> str:
        """The file and the line, for people."""
        return f"{self.path}, from line {self.range.line} on"

    def where_of(self, row: int) -> str:
        """The file and the line with which a record begins."""
        data = read_range(self.path, self.range)
        ends = [0, *record_ends(data, quoted=self.quoted), len(data)]
        full = (start for start, stop in pairwise(ends) if data[start:stop].strip(b"\r\n"))
        line = self.range.line + data.count(b"\n", 0, next(islice(full, row - self.first_row, None)))
        return f"{self.path}, line {line}"

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        data = read_range(self.path, self.range)
        try:
            frame = self.parse(data, self.schema, columns)
        except pl.exceptions.PolarsError as error:
            raise self._first_broken(data, columns, error) from error
        if len(frame) != self.n_rows:
            raise _broken(self.where, f"{len(frame)} records where {self.n_rows} lines end")
        yield from frame.iter_slices(FRAME_ROWS)

    def _first_broken(self, data: bytes, columns: Sequence[str], error: Exception) -> DataError:
        """Names the first record that cannot be read: the shortest run of records that fails ends with it."""
        ends = [*record_ends(data, quoted=self.quoted), len(data)]
        found = error

        def failing(end: int) -> bool:
            nonlocal found
            try:
                self.parse(data[:end], self.schema, columns)
            except pl.exceptions.PolarsError as error:
                found = error
                return True
            return False

        start = 0 if (first := bisect_left(ends, True, key=failing)) == 0 else ends[first - 1]
        failing(ends[first])
        row = self.first_row + len(self.parse(data[:start], self.schema, columns))
        line = self.range.line + data.count(b"\n", 0, start)
        return _broken(f"{self.path}, line {line} (row {row})", str(found).splitlines()[0][:160])


def _broken(where: str, found: str) -> DataError:
    return DataError(
        f"the file {where}",
        "hold records of the columns and types that its first records have",
        found,
        "Correct or fetch the file again; quotes must be closed, and the encoding must be UTF-8.",
    )
