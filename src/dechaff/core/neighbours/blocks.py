"""Scores of all pairs, block by block: each block is computed once, by one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.comparable import Comparable, Scores, Which
from dechaff.core.threads import threaded_map


@dataclass(frozen=True)
class Apart:
    """Pairs that do not count: those of one code, and those with a row that cannot be compared."""

    left: npt.NDArray[np.int64] | None
    right: npt.NDArray[np.int64] | None
    left_usable: npt.NDArray[np.bool_]
    right_usable: npt.NDArray[np.bool_]

    def strike(self, scores: Scores, left: Which, right: slice) -> None:
        """Writes -inf over the pairs of a block that do not count."""
        if not self.left_usable[left].all():
            scores[~self.left_usable[left]] = -np.inf
        if not self.right_usable[right].all():
            scores[:, ~self.right_usable[right]] = -np.inf
        if self.left is not None and self.right is not None:
            rows, columns = equal_pairs(self.left[left], self.right[right])
            scores[rows, columns] = -np.inf


def equal_pairs(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions in two arrays of codes that hold the same code.

    Examples
    --------
    >>> equal_pairs(np.array([3, 5]), np.array([5, 4, 5]))
    (array([1, 1]), array([0, 2]))
    """
    ours = np.flatnonzero(np.isin(left, right))
    theirs = np.flatnonzero(np.isin(right, left[ours])) if len(ours) else ours
    rows, columns = np.nonzero(left[ours, None] == right[theirs])
    return ours[rows], theirs[columns]


_PREPARED = 4
"""Blocks of the left side that are kept prepared, so that those of the right side are prepared less often."""

See = Callable[[Scores, slice, slice], None]
"""What is done with a block of scores: the scores, the rows of the left and those of the right side."""


@dataclass(frozen=True)
class Buffers:
    """One block of scores for each thread: allocating fresh memory would cost as much as filling it."""

    size: int
    held: threading.local = field(default_factory=threading.local)

    def block(self, n_rows: int, n_columns: int) -> Scores:
        """A block of this shape, with whatever was last written there."""
        if not hasattr(self.held, "memory"):
            self.held.memory = np.empty(self.size, dtype=np.float32)
        memory: Scores = self.held.memory
        return memory[: n_rows * n_columns].reshape(n_rows, n_columns)


def all_blocks(left: Comparable, right: Comparable, apart: Apart, see: See, *, threads: int) -> None:
    """Hands every block of the scores of `left` against `right` to `see`.

    If both are the same object, only the blocks on and above the diagonal are computed.
    """
    symmetric = left is right
    ours = row_blocks(left.n_rows, left.block_rows)
    theirs = row_blocks(right.n_rows, right.block_rows)
    buffers = Buffers(min(left.block_rows, left.n_rows) * min(right.block_rows, right.n_rows))
    for first in range(0, len(ours), _PREPARED):
        prepared = [(rows, left.left(rows)) for rows in ours[first : first + _PREPARED]]

        def work(columns: slice, prepared: list[tuple[slice, object]] = prepared) -> None:
            other = right.right(columns)
            for rows, block in prepared:
                if symmetric and columns.start < rows.start:
                    continue
                out = buffers.block(rows.stop - rows.start, columns.stop - columns.start)
                scores = left.scores(block, other, out)
                apart.strike(scores, rows, columns)
                see(scores, rows, columns)

        for _ in threaded_map(work, theirs[first if symmetric else 0 :], threads=threads):
            pass


def row_blocks(n_rows: int, size: int) -> list[slice]:
    """The rows in runs of `size`.

    Examples
    --------
    >>> row_blocks(3, 2)
    [slice(0, 2, None), slice(2, 3, None)]
    """
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
