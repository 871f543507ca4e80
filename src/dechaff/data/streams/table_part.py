"""Rows of a table in a file, read a few at a time as data frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import polars as pl

from dechaff.errors import DataError

FRAME_ROWS = 2**15
"""Rows that are decoded at a time: enough for the columns of a file to be read fast, few enough for any memory."""


class TablePart(Protocol):
    """A row group, or a range of bytes, of one file; travels by pickle."""

    @property
    def first_row(self) -> int:
        """The number of its first row among all rows."""

    @property
    def n_rows(self) -> int:
        """The number of its rows."""

    @property
    def where(self) -> str:
        """The file and the place in it, for people."""

    def where_of(self, row: int) -> str:
        """The same for one of its rows, by the number that it has among all rows."""

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, in order and a few rows at a time.

        Raises
        ------
        DataError
            Where the file is damaged there; the message names the place.
        """


@dataclass(frozen=True)
class TableFiles:
    """The parts of one or more files of the same columns."""

    parts: tuple[TablePart, ...]
    schemas: Mapping[str, Mapping[str, Any]]
    """The types of the columns, by the name of the file; the first file says what the others must be."""

    in_text: bool = False
    """Whether the types were told from text, where a column of 0 and 1 may go on with .5."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """Types of the columns of the first file."""
        return next(iter(self.schemas.values()))

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(part.n_rows for part in self.parts)

    def check_columns(self, columns: Sequence[str]) -> None:
        """A DataError that names the first file that lacks one of these columns of the first, or has another type."""
        first, *others = self.schemas.items()
        for name, schema in others:
            for column in columns:
                if not _alike(schema.get(column), first[1][column], in_text=self.in_text):
                    raise DataError(
                        f"the column {column!r} of {self._place(name)}",
                        f"hold {first[1][column]}, as in {first[0]}",
                        f"{schema[column]}" if column in schema else f"the columns {', '.join(list(schema)[:8])}",
                        "Write the file again with the columns and types of the others.",
                    )

    def read_as_floats(self, columns: Sequence[str]) -> TableFiles:
        """The same where these columns of numbers are told from text."""
        if not self.in_text:
            return self
        wide = {column: pl.List(pl.Float64) if self.schema[column].is_nested() else pl.Float64 for column in columns}
        parts = [replace(part, schema={**part.schema, **wide}) for part in self.parts]  # type: ignore[type-var, attr-defined]
        return replace(self, parts=tuple(parts))

    def _place(self, name: str) -> str:
        """The first part of a file: the place where the trouble begins."""
        return next((part.where for part in self.parts if part.where.startswith(name)), name)


def _alike(one: Any, other: Any, *, in_text: bool) -> bool:
    if one is None or not in_text:
        return bool(one == other)
    return bool(one == other or (one.is_numeric() and other.is_numeric()))
