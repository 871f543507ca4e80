"""Rows for neighbour search: how near two of them are, and the scores of all pairs, block by block."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from dechaff.core.threads import for_each
from dechaff.errors import InputError

Block: TypeAlias = Any
"""Some rows, prepared for comparison: a dense or sparse matrix."""
Scores: TypeAlias = npt.NDArray[np.float32]
"""(m, w) scores of m rows against w others; higher = nearer."""
ExactScores: TypeAlias = npt.NDArray[np.float64]
Positions: TypeAlias = npt.NDArray[np.int64]
Which: TypeAlias = slice | Positions
"""Some of the rows: a run of them, or any."""


@dataclass(frozen=True, kw_only=True)
class Comparable(ABC):
    """n rows of one kind, and how near two of them are.

    A *score* is what is compared, in the units that are cheapest to compute (half a negative squared distance, a
    cosine, a count); a *similarity* is what is returned. Both grow with nearness.
    """

    per_row: ClassVar[tuple[str, ...]]
    """The fields with one entry per row; the last may flag rows that cannot be compared."""
    block_rows: int = 2048
    """Number of rows per block, on either side."""
    by_angle: bool = True
    """Whether sketches are all of one length."""
    loose: int = 1
    """Candidates kept per neighbour, since sketches order them less well."""

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(getattr(self, self.per_row[0]).shape[0])

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a row can be compared, by its last per-row number; other rows are excluded from the search."""
        numbers = getattr(self, self.per_row[-1])
        return np.isfinite(numbers) if numbers.ndim == 1 else np.ones(self.n_rows, dtype=bool)

    def take(self, rows: Positions) -> Self:
        """Some of the rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.per_row})

    @abstractmethod
    def like(self, rows: Any) -> Self:
        """Other rows of the same kind, prepared as these were (same centre, same scale)."""

    @abstractmethod
    def left(self, rows: Which) -> Block:
        """Rows as the left side of a block of scores."""

    def right(self, rows: Which) -> Block:
        """Rows as the right side."""
        return self.left(rows)

    def scores(self, left: Block, right: Block, out: Scores) -> Scores:
        """Scores of all pairs of two blocks; may be written into `out`, which is large enough."""
        return np.matmul(left, right.T, out=out)

    def error(self, rows: Which, edge: ExactScores) -> ExactScores | None:
        """Bound on the rounding error of a score near `edge`, for each row; None if scores are the same bits
        everywhere: computed exactly, or in a fixed order."""
        return None

    @abstractmethod
    def exact(self, others: Self, mine: Positions, theirs: Positions) -> ExactScores:
        """Scores of single pairs, summed in one fixed order in double precision."""

    def similarity(self, scores: ExactScores) -> ExactScores:
        """Exact scores in the units of the result."""
        return scores

    def sketch(self, rows: Which) -> npt.NDArray[np.float32]:
        """(m, e) rows as vectors of length 1 at most whose distances follow the scores; e = 0 if there are none.

        A fresh array each time, which may be written over.
        """
        found: npt.NDArray[np.float32] = self.left(rows)
        return found


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

        for_each(work, theirs[first if symmetric else 0 :], threads=threads)


GRID = 4000
"""Rows of length 1 at most are rounded to whole numbers on this grid. By Cauchy-Schwarz every partial sum of a product
stays below 2^24, where float32 counts exactly: products do not depend on the order of summation."""


def inverse_lengths(lengths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One over each length: 0 for a row of zeros, NaN for one that has any or is too long."""
    with np.errstate(divide="ignore"):
        inverse = np.where(lengths > 0, 1.0 / lengths, np.where(lengths == 0, 0.0, np.nan))
    inverse[np.isinf(lengths)] = np.nan
    return inverse


def check_columns(found: int, wanted: int | None) -> None:
    """An InputError if queries have another number of columns than the rows that are searched."""
    if wanted not in (None, found):
        must = f"have {wanted} columns, like the rows that are searched"
        raise InputError("queries", must, f"{found} columns", "Prepare both in the same way.")


def row_blocks(n_rows: int, size: int = 4096) -> list[slice]:
    """The rows in runs of `size`, by default of as many as are cheap to hold.

    Examples
    --------
    >>> row_blocks(3, 2)
    [slice(0, 2, None), slice(2, 3, None)]
    """
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]
