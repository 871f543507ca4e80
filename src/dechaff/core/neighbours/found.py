"""The nearest rows, and how they were found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions
from dechaff.core.neighbours.dense_rows import row_chunks
from dechaff.core.threads import threaded_map

_ROWS_AT_ONCE = 4096

Ranked = tuple[Positions, ExactScores]
Candidates = Callable[[slice], npt.NDArray[Any]]
"""(m, c) candidates of a run of rows, -1 for none."""


def ranked_candidates(
    left: Comparable, right: Comparable, candidates: Candidates, count: int, *, threads: int
) -> Ranked:
    """The best `count` of the candidates (m, c) of every row, -1 for none; and their exact scores, -inf for none."""
    ids = np.full((left.n_rows, count), -1, dtype=np.int64)
    exact = np.full((left.n_rows, count), -np.inf)

    def work(start: int) -> None:
        some = slice(start, min(start + _ROWS_AT_ONCE, left.n_rows))
        known = candidates(some).astype(np.int64)
        places, columns = np.nonzero(known >= 0)
        scores = np.full(known.shape, -np.inf)
        scores[places, columns] = left.exact(right, places + start, known[places, columns])
        order = np.lexsort((known, -scores), axis=1)[:, :count]
        ids[some, : order.shape[1]] = np.take_along_axis(known, order, axis=1)
        exact[some, : order.shape[1]] = np.take_along_axis(scores, order, axis=1)

    for _ in threaded_map(work, range(0, left.n_rows, _ROWS_AT_ONCE), threads=threads):
        pass
    return ids, exact


def best_of_pairs(best: Ranked, rows: Positions, others: Positions, exact: ExactScores) -> Ranked:
    """The best so far, updated with new pairs."""
    count = best[0].shape[1]
    known, places = np.nonzero(best[0] >= 0)
    rows = np.concatenate([known, rows])
    others = np.concatenate([best[0][known, places], others])
    exact = np.concatenate([best[1][known, places], exact])
    order = np.lexsort((others, -exact, rows))
    rank = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
    kept = order[rank < count]
    ids, scores = np.full_like(best[0], -1), np.full_like(best[1], -np.inf)
    ids[rows[kept], rank[rank < count]] = others[kept]
    scores[rows[kept], rank[rank < count]] = exact[kept]
    return ids, scores


EXACT = "exact search"


@dataclass(frozen=True)
class Nearest:
    """``ids`` (m, c) of the nearest rows and their ``similarity``, the nearest first; -1 and NaN if there are fewer.

    ``recall`` is the fraction of the true nearest rows among them: 1 if the search was exact, otherwise measured on
    ``measured_on`` rows. ``how`` describes the search.
    """

    ids: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    recall: float
    measured_on: int
    how: str

    @property
    def exact(self) -> bool:
        """Whether all pairs were compared."""
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
    """The result, from positions (m, c), c at most `count`, and exact scores."""
    empty = nothing_found(len(ids), count)
    empty.ids[:, : ids.shape[1]] = ids
    for some in row_chunks(len(ids)):
        known = ids[some] >= 0
        empty.similarity[some, : ids.shape[1]][known] = rows.similarity(exact[some][known])
    return replace(empty, recall=recall, measured_on=measured_on, how=how)
