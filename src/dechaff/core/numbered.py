"""Sources whose chunks include row numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dechaff.core.source import CHUNK_BYTES, ArrayPart, Part, PartedSource
from dechaff.errors import InputError
from dechaff.typing import Chunk

ROW = "row"
"""The column of row numbers, counted from 0 over the whole source."""


@dataclass(frozen=True)
class NumberedSource:
    """A source with one more column, ``row``: the number of each row among all rows.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.source import ArraySource
    >>> source = NumberedSource(ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2))
    >>> [chunk["row"].tolist() for chunk in source.chunks(["row", "labels"])]
    [[0, 1], [2]]
    """

    source: PartedSource

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.source.n_rows

    def parts(self) -> list[NumberedPart]:
        """The parts of the source."""
        return [NumberedPart(part) for part in self.source.parts()]

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns of all rows, in order."""
        if keyed_by is not None:
            raise InputError("keyed_by", "be None if rows are numbered in order", keyed_by, "Fold the source itself.")
        for part in self.parts():
            yield from part.chunks(columns)


@dataclass(frozen=True)
class NumberedPart:
    """A part whose chunks include row numbers."""

    part: Part

    @property
    def first_row(self) -> int:
        """The number of its first row."""
        return self.part.first_row

    @property
    def n_rows(self) -> int:
        """The number of its rows."""
        return self.part.n_rows

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """The named columns of its rows, in order."""
        others = [name for name in columns if name != ROW]
        first = self.first_row
        if not others:
            numbers = np.arange(first, first + self.n_rows, dtype=np.int64)
            yield from ArrayPart({ROW: numbers}, first).chunks([ROW], chunk_bytes=chunk_bytes)
            return
        for chunk in self.part.chunks(others, chunk_bytes=chunk_bytes):
            n = len(next(iter(chunk.values())))
            yield {**chunk, ROW: np.arange(first, first + n, dtype=np.int64)}
            first += n
