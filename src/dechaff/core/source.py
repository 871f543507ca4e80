"""Where a fold's rows come from: chunks of named columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Chunk

CHUNK_ROWS = 16_384
"""Rows a chunk: a float64 column of 10 classes is 1.3 MB, which stays in the cache of one core."""


class Source(Protocol):
    """Rows in chunks, at least one, of no rows if need be; asked again, the same chunks in the same order."""

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns of all rows; rows that share a value of `keyed_by` are never parted."""


@dataclass(frozen=True)
class ArraySource:
    """Columns that lie in memory, cut every ``chunk_rows`` rows (views, no copies).

    Examples
    --------
    >>> import numpy as np
    >>> source = ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2)
    >>> [chunk["labels"].tolist() for chunk in source.chunks(["labels"])]
    [[0, 1], [1]]
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    chunk_rows: int = CHUNK_ROWS

    def __post_init__(self) -> None:
        check_same_length(**self.arrays)

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns, cut by position, or between the values of `keyed_by`."""
        wanted = {name: self._column(name) for name in columns}
        if keyed_by is None:
            for start in range(0, max(1, self._n_rows()), self.chunk_rows):
                yield {name: array[start : start + self.chunk_rows] for name, array in wanted.items()}
        else:
            for rows in _rows_by_key(self._column(keyed_by), self.chunk_rows):
                yield {name: array[rows] for name, array in wanted.items()}

    def _n_rows(self) -> int:
        return len(next(iter(self.arrays.values()), ()))

    def _column(self, name: str) -> npt.NDArray[Any]:
        if name not in self.arrays:
            raise InputError(
                f"the column {name}", "be in the source", ", ".join(self.arrays) or "no columns", "Hand it in by name."
            )
        return self.arrays[name]


def _rows_by_key(keys: npt.NDArray[Any], chunk_rows: int) -> Iterator[npt.NDArray[np.int64]]:
    """Row positions in runs of whole keys, each run closed once it holds at least `chunk_rows`."""
    order = np.argsort(keys, kind="stable").astype(np.int64)
    ordered = keys[order]
    starts = 1 + np.flatnonzero(ordered[1:] != ordered[:-1])
    begin = 0
    for start in [*starts.tolist(), len(order)]:
        if start - begin >= chunk_rows or start == len(order):
            yield order[begin:start]
            begin = start
