"""The nearest rows by comparing all with all: none is missed, whatever the machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import TopK, keep_best, see_block, top_k_of_nothing
from dechaff.core.neighbours.comparable import Apart, Comparable, ExactScores, Positions, Scores, all_blocks, row_blocks
from dechaff.core.threads import for_each

Ranked = tuple[Positions, ExactScores]
"""(m, c) positions of the nearest rows, -1 if there are fewer, and their exact scores, -inf there."""
Candidates = Callable[[slice], npt.NDArray[Any]]
"""(m, c) candidates of a run of rows, -1 for none."""


def ranked_candidates(
    left: Comparable, right: Comparable, candidates: Candidates, count: int, *, threads: int
) -> Ranked:
    """The best `count` of the candidates (m, c) of every row, -1 for none; and their exact scores, -inf for none."""
    ids = np.full((left.n_rows, count), -1, dtype=np.int64)
    exact = np.full((left.n_rows, count), -np.inf)

    def work(some: slice) -> None:
        known = candidates(some).astype(np.int64)
        places, columns = np.nonzero(known >= 0)
        scores = np.full(known.shape, -np.inf)
        scores[places, columns] = left.exact(right, places + some.start, known[places, columns])
        order = np.lexsort((known, -scores), axis=1)[:, :count]
        ids[some, : order.shape[1]] = np.take_along_axis(known, order, axis=1)
        exact[some, : order.shape[1]] = np.take_along_axis(scores, order, axis=1)

    for_each(work, row_blocks(left.n_rows), threads=threads)
    return ids, exact


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
    for some in row_blocks(len(ids)):
        known = ids[some] >= 0
        empty.similarity[some, : ids.shape[1]][known] = rows.similarity(exact[some][known])
    return replace(empty, recall=recall, measured_on=measured_on, how=how)


SPARE = 6
"""Extra candidates: rounding may move a true neighbour down by this many ranks."""
_AGAIN_AT_ONCE = 1024


def exact_search(left: Comparable, right: Comparable, apart: Apart, count: int, *, threads: int) -> Ranked:
    """The `count` rows of `right` with the largest exact score for each row of `left`; of equal ones the first.

    Matrix products in float32 round differently from machine to machine, so they only propose: somewhat more
    candidates than are wanted are scored again in double precision, in a fixed order. If the bound on the
    rounding error cannot rule out that another row is among the nearest (many rows at the same
    distance, for example), all rows that might be are scored again. The result is that of the exact scores, the
    same for any number of threads, any size of the blocks and any processor.
    """
    count = min(count, right.n_rows)
    reproducible = left.error(slice(0, 0), np.empty(0)) is None
    spare = 0 if reproducible else SPARE
    best = _best(left, right, apart, min(count + spare, right.n_rows), threads=threads)
    ids, exact = ranked_candidates(left, right, best.ids.__getitem__, count, threads=threads)
    if reproducible:
        return ids, exact
    unsure = _unsure(left, best, exact[:, -1])
    for start in range(0, len(unsure), _AGAIN_AT_ONCE):
        rows = unsure[start : start + _AGAIN_AT_ONCE]
        ids[rows], exact[rows] = _search_again(left, right, apart, rows, exact[rows])
    return ids, exact


def _best(left: Comparable, right: Comparable, apart: Apart, count: int, *, threads: int) -> TopK:
    """The largest scores of every row, in float32."""
    best = top_k_of_nothing(left.n_rows, count)
    locks = {rows.start: threading.Lock() for rows in row_blocks(left.n_rows, left.block_rows)}

    def see(scores: Scores, rows: slice, columns: slice) -> None:
        first = {"first_row": rows.start, "first_column": columns.start}
        if left is not right or rows == columns:
            with locks[rows.start]:
                see_block(scores, best.lines(rows), one_set=left is right, **first)
            return
        with locks[rows.start], locks[columns.start]:  # always the smaller first, so that threads cannot deadlock
            see_block(scores, best.lines(rows), best.lines(columns), one_set=True, **first)

    all_blocks(left, right, apart, see, threads=threads)
    return best


def _unsure(left: Comparable, best: TopK, last: ExactScores) -> Positions:
    """Rows for which a row outside the candidates may be as near as the last wanted one."""
    edge = best.values[:, -1].astype(np.float64)
    error = left.error(slice(0, left.n_rows), np.where(np.isfinite(edge), edge, 0.0))
    assert error is not None
    full = best.ids[:, -1] >= 0  # otherwise every row is a candidate
    return np.flatnonzero(full & (error > 0) & ~(last > edge + error))


def _search_again(left: Comparable, right: Comparable, apart: Apart, rows: Positions, last: ExactScores) -> Ranked:
    """The nearest of some rows, again: every row whose score may reach the last wanted one is scored exactly."""
    error = left.error(rows, last[:, -1])
    assert error is not None
    least = np.nextafter((last[:, -1] - error).astype(np.float32), np.float32(-np.inf))
    ids, best = np.full(last.shape, -1, dtype=np.int64), np.full(last.shape, -np.inf)
    prepared = left.left(rows)
    out = np.empty((len(rows), min(right.block_rows, right.n_rows)), dtype=np.float32)
    for columns in row_blocks(right.n_rows, right.block_rows):
        scores = left.scores(prepared, right.right(columns), out[:, : columns.stop - columns.start])
        apart.strike(scores, rows, columns)
        if left is right:
            own = np.flatnonzero((rows >= columns.start) & (rows < columns.stop))
            scores[own, rows[own] - columns.start] = -np.inf
        places, others = np.nonzero(scores > least[:, None])
        if len(places):
            others += columns.start
            keep_best(best, ids, places, left.exact(right, rows[places], others), others)
    return ids, best


SAMPLE = 500


@dataclass(frozen=True)
class Truth:
    """Some rows with their true neighbours: how many there are, and the exact score of the last of them."""

    rows: Positions
    edge: ExactScores
    n_true: Positions

    def half(self, which: int) -> Truth:
        """Every other one of the rows."""
        return Truth(self.rows[which::2], self.edge[which::2], self.n_true[which::2])

    def recall(self, exact: ExactScores) -> float:
        """Fraction of the true neighbours among what was found; another row at the same distance is as good."""
        return float(self._found(exact).sum() / max(self.n_true.sum(), 1))

    def surely(self, exact: ExactScores) -> float:
        """The recall less two standard errors."""
        short = self._found(exact) - self.recall(exact) * self.n_true
        return self.recall(exact) - 2 * float(np.sqrt(np.square(short).sum()) / max(self.n_true.sum(), 1))

    def _found(self, exact: ExactScores) -> Positions:
        return np.asarray(np.minimum((exact >= self.edge[:, None]).sum(axis=1), self.n_true))


@dataclass(frozen=True)
class Sides:
    """The rows to search for, the rows to search in, and the pairs that do not count."""

    left: Comparable
    right: Comparable
    apart: Apart

    def truth(self, live: Positions, count: int, *, n_rows: int, seed: int, threads: int) -> Truth:
        """The true neighbours of some of the rows that can be compared, drawn at random."""
        rows = np.sort(np.random.default_rng(seed + 1).permutation(live)[:n_rows])
        ours, theirs = self.apart.left, self.apart.right
        if self.left is self.right and ours is None:
            ours = theirs = np.arange(self.left.n_rows)
        usable = (self.left.usable[rows], self.right.usable)
        some = Apart(None if ours is None else ours[rows], theirs, *usable)
        ids, exact = exact_search(self.left.take(rows), self.right, some, count, threads=threads)
        n_true = (ids >= 0).sum(axis=1)
        edge = np.where(n_true > 0, exact[np.arange(len(rows)), np.maximum(n_true, 1) - 1], np.inf)
        return Truth(rows, edge, n_true)
