"""Where a fold's rows come from: chunks of named columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Chunk

CHUNK_BYTES = 2**20
"""Bytes per chunk: with the intermediate results of a method it fits into a core's cache, for 2 to 5,000 classes. Per
chunk, threads pass the interpreter lock some dozens of times: with half the size, two threads are a fifth slower."""
PART_BYTES = 2**25
"""Bytes per part: worth a task of its own, and a few of them fit into any memory."""
_FEWEST_ROWS = 32


class Source(Protocol):
    """Rows in chunks: at least one, which may be empty; every call returns the same chunks in the same order."""

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns of all rows; rows that share a value of `keyed_by` are never separated."""


@dataclass(frozen=True)
class RowSpan:
    """Some neighbouring rows of a source, by their numbers."""

    first_row: int
    n_rows: int

    @property
    def stop(self) -> int:
        """The number of the row after them."""
        return self.first_row + self.n_rows


class Part(Protocol):
    """A run of neighbouring rows, such as a row group of a file, that can be read anywhere: it travels by pickle."""

    @property
    def first_row(self) -> int:
        """The number of its first row among all rows of the source."""

    @property
    def n_rows(self) -> int:
        """The number of its rows."""

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """The named columns of its rows, in order and in chunks of about `chunk_bytes`; at least one chunk."""


class PartedSource(Source, Protocol):
    """A source whose rows can be read in parts: at least one, which may be empty; what every backend takes."""

    @property
    def n_rows(self) -> int:
        """The number of all rows."""

    def parts(self) -> Sequence[Part]:
        """The rows in order, each in one part; every call returns the same parts."""


@dataclass(frozen=True)
class ArraySource:
    """Columns in memory, or a part of some: cut by bytes, or every ``chunk_rows`` rows into parts of one chunk.

    Nothing is copied.

    Examples
    --------
    >>> import numpy as np
    >>> source = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2)
    >>> [chunk["labels"].tolist() for chunk in source.chunks(["labels"])]
    [[0, 1], [1]]
    """

    arrays: Mapping[str, npt.NDArray[Any]] = field(repr=False)
    chunk_rows: int | None = None
    first_row: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        check_same_length(**self.arrays)

    def chunks(
        self, columns: Sequence[str], keyed_by: str | None = None, *, chunk_bytes: int = CHUNK_BYTES
    ) -> Iterator[Chunk]:
        """The named columns, cut by position, or between the values of `keyed_by`."""
        pieces: Iterable[slice | npt.NDArray[np.int64]] = self.slices(columns, chunk_bytes=chunk_bytes)
        if keyed_by is not None:
            pieces = _rows_by_key(self._column(keyed_by), self._step(columns, chunk_bytes))
        for rows in pieces:
            yield self.rows(columns, rows)

    def parts(self) -> list[ArraySource]:
        """Spans of rows; each holds views of its own rows only, so that no others are pickled."""
        return [self.part(span) for span in self.slices(list(self.arrays), chunk_bytes=PART_BYTES)]

    def part(self, span: slice) -> ArraySource:
        """Some neighbouring rows, cut into chunks by bytes."""
        return ArraySource(self.rows(list(self.arrays), span), first_row=self.first_row + span.start)

    def keyed_parts(self, keyed_by: str, *, n: int) -> list[ArraySource]:
        """The rows in `n` spans or fewer between the values of a column; in one span if they are not in its order."""
        step = max(1, -(-self.n_rows // n))
        spans = list(_rows_by_key(self._column(keyed_by), step))
        whole = [self] if any(not isinstance(span, slice) for span in spans) else None
        return whole or [self.part(span) for span in spans if isinstance(span, slice)]

    def slices(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> list[slice]:
        """Slices of the chunks of the named columns, by position; at least one."""
        step = self._step(columns, chunk_bytes)
        return [slice(start, start + step) for start in range(0, max(1, self.n_rows), step)]

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.arrays.values()), ()))

    def rows(self, columns: Sequence[str], place: slice | npt.NDArray[np.int64]) -> Chunk:
        """The named columns of some rows."""
        return {name: self._column(name)[place] for name in columns}

    def _step(self, columns: Sequence[str], chunk_bytes: int) -> int:
        return self.chunk_rows or _rows_within(chunk_bytes, [self._column(name) for name in columns])

    def _column(self, name: str) -> npt.NDArray[Any]:
        if name not in self.arrays:
            raise InputError(
                f"the column {name}", "be in the source", ", ".join(self.arrays) or "no columns", "Pass it by name."
            )
        return self.arrays[name]


def _rows_within(most_bytes: int, arrays: Sequence[npt.NDArray[Any]]) -> int:
    a_row = sum(array.itemsize * int(np.prod(array.shape[1:])) for array in arrays)
    return max(_FEWEST_ROWS, most_bytes // max(1, a_row))


def _rows_by_key(keys: npt.NDArray[Any], chunk_rows: int) -> Iterator[slice | npt.NDArray[np.int64]]:
    """Row positions in runs of whole keys, each closed once it has `chunk_rows`; slices if the keys are in order."""
    in_order = len(keys) < 2 or bool((keys[1:] >= keys[:-1]).all())
    order = None if in_order else np.argsort(keys, kind="stable").astype(np.int64)
    ordered = keys if order is None else keys[order]
    ends = np.append(1 + np.flatnonzero(ordered[1:] != ordered[:-1]), len(keys))
    begin = 0
    while True:
        end = int(ends[min(int(np.searchsorted(ends, begin + chunk_rows)), len(ends) - 1)])
        yield slice(begin, end) if order is None else order[begin:end]
        begin = end
        if end == len(keys):
            return


class Sink(Protocol):
    """Takes answers on the worker that read the rows; it travels there by pickle.

    A part comes in one piece or, if its answers are many, in several, always the same ones and in order. A part that
    was killed half-way has left whole pieces, and one that is repeated writes the same again.
    """

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers for these rows: all of them, or nothing and an error."""
