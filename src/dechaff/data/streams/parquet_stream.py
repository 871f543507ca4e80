"""Parquet files as parts: a row group each, or several where they are small."""

from __future__ import annotations

import importlib.util
import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.streams.table_part import TableFiles, TablePart
from dechaff.errors import DataError

_CELL_BYTES, _LIST_BYTES, _PART_BYTES = 8, 32, 2**23
"""Small row groups are one part up to so many bytes, for each part has files of its own; a larger one is a part."""


@dataclass(frozen=True)
class ParquetPart:
    """Neighbouring row groups."""

    path: str
    first_group: int
    first_row: int
    rows: tuple[int, ...]
    """Of each row group."""

    @property
    def n_rows(self) -> int:
        """The number of its rows."""
        return sum(self.rows)

    @property
    def where(self) -> str:
        """The file and the row groups, for people."""
        last = self.first_group + len(self.rows) - 1
        some = f" {last}" if last == self.first_group else f"s {self.first_group} to {last}"
        return f"{self.path}, row group{some}"

    def where_of(self, row: int) -> str:
        """The file and the row group of a row, for people."""
        return self._place(bisect_right(list(accumulate(self.rows)), row - self.first_row))

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        reader = _reader()
        try:
            yield from reader.frames(self.path, self._groups(0, len(self.rows)), columns)
        except reader.Damaged as error:
            raise _damaged(self._first_damaged(columns), error) from error

    def _first_damaged(self, columns: Sequence[str]) -> str:
        """Names the first row group that cannot be read alone either."""
        reader = _reader()
        for place in range(len(self.rows)):
            try:
                for _ in reader.frames(self.path, self._groups(place, place + 1), columns):
                    pass
            except reader.Damaged:
                return self._place(place)
        return self.where

    def _groups(self, start: int, stop: int) -> range:
        return range(self.first_group + start, self.first_group + stop)

    def _place(self, place: int) -> str:
        return f"{self.path}, row group {self.first_group + place}"


def open_parquet(files: Sequence[Path]) -> TableFiles:
    """The row groups of all files, from their footers alone.

    Raises
    ------
    DataError
        Where a file is cut off or damaged.
    """
    reader = _reader()
    schemas: dict[str, Any] = {}
    parts: list[TablePart] = []
    first_row = 0
    for path in map(str, files):
        try:
            schemas[path], groups = reader.facts(path)
        except reader.Damaged as error:
            raise _damaged(path, error) from error
        for start, stop in _runs(groups, _row_bytes(path, schemas[path], sum(groups))):
            parts.append(ParquetPart(path, start, first_row, tuple(groups[start:stop])))
            first_row += parts[-1].n_rows
    return TableFiles(tuple(parts), schemas)


def _row_bytes(path: str, schema: Mapping[str, Any], n_rows: int) -> float:
    """What a row weighs decoded, about: of lists the size of the file tells, unless they are packed to nothing."""
    in_lists = any(kind.is_nested() for kind in schema.values())
    return max(_LIST_BYTES, os.stat(path).st_size / max(1, n_rows)) if in_lists else _CELL_BYTES * len(schema)


def _runs(groups: Sequence[int], row_bytes: float) -> Iterator[tuple[int, int]]:
    """Row groups from one to another: as many as weigh little enough together, one at least."""
    first, weight = 0, 0.0
    for group, rows in enumerate(groups):
        if group > first and weight + rows * row_bytes > _PART_BYTES:
            yield first, group
            first, weight = group, 0.0
        weight += rows * row_bytes
    if groups:
        yield first, len(groups)


def _reader() -> Any:
    """pyarrow decodes row groups piece by piece; polars is always there."""
    name = "arrow_parquet" if importlib.util.find_spec("pyarrow") is not None else "polars_parquet"
    return import_module(f"dechaff.data.streams.{name}")


def _damaged(where: str, error: Exception) -> DataError:
    first = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    return DataError(
        f"the file {where}",
        "be a whole Parquet file",
        f"one that is cut off or damaged ({first})",
        "Fetch or write it again; nothing was written.",
    )
