"""Rows of equal content, in memory or among more rows than fit into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dechaff.core.fold import Gathered, GatheringFold, RunFold, gathered, in_one
from dechaff.core.groups import Pairs
from dechaff.typing import Chunk

MOST_BYTES = 2**28
"""Memory for the keys of one fraction of the rows."""
_BYTES_A_ROW = 100
"""Bytes per row of a shard while it is sorted."""


@dataclass(frozen=True)
class EqualContents(GatheringFold):
    """Pairs that tie rows of equal content together, as a fold over 128 bits per row (`content`, `content_low`).

    Every row comes with the first row of its content, in ascending order of the two. Content 0 is compared with none.
    Of very many rows, only those whose hash falls into one of ``shares`` are kept at a time.
    """

    share: int = 0
    shares: int = 1
    columns: ClassVar[tuple[str, ...]] = ("row", "content", "content_low")

    def update(self, state: Gathered, chunk: Chunk) -> Gathered:
        """Adds rows that are in the wanted shards."""
        content = chunk["content"]
        kept = (content != 0) | (chunk["content_low"] != 0)
        if self.shares > 1:
            kept &= content % np.uint64(self.shares) == self.share
        return gathered(state, ((chunk["row"][kept], content[kept], chunk["content_low"][kept]),))

    def finalize(self, state: Gathered) -> Pairs:
        """The pairs."""
        rows, content, low = in_one(state, np.int64, np.uint64, np.uint64)
        order = np.lexsort((rows, low, content))
        rows, content, low = rows[order], content[order], low[order]
        first = np.ones(len(rows), dtype=bool)
        first[1:] = (content[1:] != content[:-1]) | (low[1:] != low[:-1])
        heads = rows[np.flatnonzero(first)[np.cumsum(first) - 1]]
        pairs = np.stack([heads[~first], rows[~first]], axis=1)
        return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int64)


def equal_contents(run: RunFold[Any], n_rows: int, *, most_bytes: int = MOST_BYTES) -> Pairs:
    """Pairs of equal rows in any source: each row with the first row of its content.

    Parameters
    ----------
    run : runs a fold over the columns ``row`` (numbers from 0 over all rows: `numbered`), ``content`` and
        ``content_low`` (128 bits per row, uint64 each, 0 and 0 = compare with none)
    n_rows : number of rows; how many passes are made depends on it alone, never on the backend
    most_bytes : memory for one pass

    Returns
    -------
    (m, 2) int64
        In ascending order; the groups are `UnionFind` of them.

    Source
    ------
    Partitioning by hash, as in joins on disk (Kitsuregawa, Tanaka, Moto-oka 1983).

    Examples
    --------
    >>> from dechaff.core.over_arrays import over_arrays
    >>> bits = np.array([7, 3, 7, 0, 0], dtype=np.uint64)
    >>> equal_contents(over_arrays(row=np.arange(5), content=bits, content_low=bits), 5).tolist()
    [[0, 2]]
    """
    shares = shares_of(n_rows, most_bytes)
    pairs = np.concatenate([run(EqualContents(share, shares)) for share in range(shares)])
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int64)


def shares_of(n_rows: int, most_bytes: int) -> int:
    """Number of passes if each may hold this many bytes.

    Examples
    --------
    >>> shares_of(0, 2**28), shares_of(10_000_000, 2**28)
    (1, 4)
    """
    return max(1, -(-n_rows * _BYTES_A_ROW // most_bytes))
