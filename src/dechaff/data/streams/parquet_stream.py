"""Parquet files as parts: a row group each."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.streams.table_part import TableFiles, TablePart
from dechaff.errors import DataError


@dataclass(frozen=True)
class ParquetPart:
    """One row group."""

    path: str
    group: int
    first_row: int
    n_rows: int

    @property
    def where(self) -> str:
        """The file and the row group, for people."""
        return f"{self.path}, row group {self.group}"

    def where_of(self, row: int) -> str:
        """The same, whatever the row."""
        return self.where

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns."""
        reader = _reader()
        try:
            yield from reader.frames(self.path, self.group, columns)
        except reader.Damaged as error:
            raise _damaged(self.where, error) from error


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
        for group, rows in enumerate(groups):
            parts.append(ParquetPart(path, group, first_row, rows))
            first_row += rows
    return TableFiles(tuple(parts), schemas)


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
