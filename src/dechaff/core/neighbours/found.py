"""The nearest rows, and how they were found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions
from dechaff.core.neighbours.dense_matrix import row_chunks

EXACT = "exact search"


@dataclass(frozen=True)
class Nearest:
    """``ids`` (m, c) of the nearest rows and their ``similarity``, the nearest first; -1 and NaN where there are fewer.

    ``recall`` is the share of the true nearest rows among them: 1 where the search was exact, otherwise measured on
    ``measured_on`` rows. ``how`` says in words how they were found.
    """

    ids: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    recall: float
    measured_on: int
    how: str

    @property
    def exact(self) -> bool:
        """Whether nothing was left to chance."""
        return self.measured_on == 0

    def __str__(self) -> str:
        if self.exact:
            return self.how
        return f"{self.how}; {self.recall:.1%} of the true ones found, as measured on {self.measured_on} rows"


def nothing_found(n_rows: int, count: int) -> Nearest:
    """No neighbour for any row."""
    ids = np.full((n_rows, count), -1, dtype=np.int64)
    return Nearest(ids, np.full((n_rows, count), np.nan), 1.0, 0, EXACT)


def shown(
    rows: Comparable, ids: Positions, exact: ExactScores, count: int, *, recall: float, measured_on: int, how: str
) -> Nearest:
    """Positions (m, c), c at most `count`, and exact scores as people are shown them."""
    empty = nothing_found(len(ids), count)
    empty.ids[:, : ids.shape[1]] = ids
    for some in row_chunks(len(ids)):
        known = ids[some] >= 0
        empty.similarity[some, : ids.shape[1]][known] = rows.similarity(exact[some][known])
    return replace(empty, recall=recall, measured_on=measured_on, how=how)
