"""Records of a CSV or JSONL file as a part: a range of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dechaff.data.streams.byte_ranges import ByteRange, read_range
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

    @property
    def n_rows(self) -> int:
        """The number of its records."""
        return self.range.n_records

    @property
    def where(self) -> str:
        """The file and the line, for people."""
        return f"{self.path}, from line {self.range.line} on"

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        data = read_range(self.path, self.range)
        try:
            frame = self.parse(data, self.schema, columns)
        except pl.exceptions.PolarsError as error:
            raise self._broken(str(error).splitlines()[0][:160]) from error
        if len(frame) != self.n_rows:
            raise self._broken(f"{len(frame)} records where {self.n_rows} lines end")
        yield from frame.iter_slices(FRAME_ROWS)

    def _broken(self, found: str) -> DataError:
        return DataError(
            f"the file {self.where}",
            "hold records of the columns and types that its first records have",
            found,
            "Correct or fetch the file again; quotes must be closed, and the encoding must be UTF-8.",
        )
