"""The interface of rows for neighbour search: blocks that multiply to scores, and exact scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

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
