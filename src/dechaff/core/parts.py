"""Parts one after another, as a source."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.part_work import joined
from dechaff.core.row_hash import row_hash
from dechaff.core.source import ArraySource, Part
from dechaff.typing import Chunk

SHARE_BYTES = 2**28
"""Bytes of columns that are held at a time if rows of one key must come together."""


@dataclass(frozen=True)
class Parts:
    """A parted source of these parts, in their order; one at least.

    Examples
    --------
    >>> import numpy as np
    >>> halves = Parts(tuple(ArraySource({"labels": np.array([0, 1, 1])}, chunk_rows=2).parts()))
    >>> halves.n_rows, [chunk["labels"].tolist() for chunk in halves.chunks(["labels"])]
    (3, [[0, 1], [1]])
    """

    all_parts: tuple[Part, ...]

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(part.n_rows for part in self.all_parts)

    def parts(self) -> tuple[Part, ...]:
        """The parts."""
        return self.all_parts

    def chunks(self, columns: Sequence[str], keyed_by: str | None = None) -> Iterator[Chunk]:
        """The named columns; by key a fraction of the keys at a time, and all parts are read again for each."""
        if keyed_by is None:
            for part in self.all_parts:
                yield from part.chunks(columns)
        else:
            wanted = list(dict.fromkeys([*columns, keyed_by]))
            shares = 1 + int(self.n_rows * self._row_bytes(wanted)) // SHARE_BYTES
            for share in range(shares):
                pieces = [_picked(chunk, key_bucket(chunk[keyed_by], shares) == share) for chunk in self.chunks(wanted)]
                yield from ArraySource(joined(pieces)).chunks(columns, keyed_by)

    def _row_bytes(self, columns: Sequence[str]) -> float:
        """Bytes per row of the named columns, from the first rows."""
        part = max(self.all_parts, key=lambda part: part.n_rows > 0)
        first = next(part.chunks(columns))
        return sum(map(_bytes, first.values())) / max(1, len(first[columns[0]]))


def key_bucket(keys: npt.NDArray[np.generic], buckets: int) -> npt.NDArray[np.int64]:
    """The bucket of each key, by its hash: equal keys share one in every part.

    Examples
    --------
    >>> key_bucket(np.array(["d", "c", "d"]), 2).tolist()
    [1, 0, 1]
    """
    return (row_hash(keys) % np.uint64(buckets)).astype(np.int64)


def _picked(chunk: Chunk, rows: npt.NDArray[np.bool_]) -> Chunk:
    return {name: values[rows] for name, values in chunk.items()}


def _bytes(values: npt.NDArray[np.generic]) -> int:
    return values.nbytes + (sum(map(sys.getsizeof, values.flat)) if values.dtype.kind == "O" else 0)
