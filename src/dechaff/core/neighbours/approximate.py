"""The nearest rows of very many: lists are searched until enough of the true ones are found on a sample; if more
lists do not help, neighbours of neighbours do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import TopK, see_block, top_k_of_nothing
from dechaff.core.neighbours.comparable import (
    GRID,
    Apart,
    Buffers,
    Comparable,
    Positions,
    Scores,
    equal_pairs,
    row_blocks,
)
from dechaff.core.neighbours.exact_search import SAMPLE, Nearest, Ranked, Sides, Truth, ranked_candidates, shown
from dechaff.core.threads import for_each

ROUNDS = 6
"""Lloyd's iteration is stopped early: lists need to be even, not optimal."""

GridRows = npt.NDArray[np.float32]
"""(n, e) whole numbers."""
Probed = npt.NDArray[np.uint16]
"""(m, p) the nearest centres, or lists, of m rows, the nearest first."""


def on_grid(sketch: npt.NDArray[np.float32]) -> GridRows:
    """Vectors of length 1 at most in whole numbers; written over them, since sketches are made to be used once."""
    np.multiply(sketch, np.float32(GRID), out=sketch)
    return np.rint(sketch, out=sketch)


def half_squares(rows: GridRows) -> npt.NDArray[np.float32]:
    """(n,) half the squared length, exact."""
    return np.asarray(np.einsum("ne,ne->n", rows, rows) / np.float32(2))


def k_means(rows: GridRows, n_centres: int, rng: np.random.Generator, *, threads: int) -> GridRows:
    """(l, e) centres on the grid; a centre that loses all its rows stays in place.

    Source: Lloyd (1982). Sums of whole numbers are exact, and so are the comparisons.
    """
    centres = rows[rng.choice(len(rows), n_centres, replace=False)]
    for _ in range(ROUNDS):
        nearest = nearest_centres(rows.__getitem__, len(rows), centres, 1, threads=threads)[:, 0]
        order = np.argsort(nearest, kind="stable")
        starts = np.flatnonzero(np.diff(nearest[order], prepend=-1))
        sizes = np.diff(starts, append=len(order))
        sums = np.add.reduceat(rows[order], starts, axis=0, dtype=np.float64)
        centres = centres.copy()
        centres[nearest[order[starts]]] = np.rint(sums / sizes[:, None])
    return centres


def nearest_centres(
    rows_of: Callable[[slice], GridRows], n_rows: int, centres: GridRows, count: int, *, threads: int
) -> Probed:
    """(n, count) the nearest centres of every row, the nearest first; some rows are read at a time."""
    found = np.empty((n_rows, count), dtype=np.uint16)
    halves = half_squares(centres)

    def work(some: slice) -> None:
        scores = rows_of(some) @ centres.T
        scores -= halves
        best = top_k_of_nothing(len(scores), count)
        see_block(scores, best, one_set=False)
        found[some] = best.ids

    for_each(work, row_blocks(n_rows), threads=threads)
    return found


_ROWS_A_LIST_SEEN = 48
"""Rows for each centre from which the centres are worked out."""


@dataclass(frozen=True)
class RowLists:
    """``order`` (n,) holds the rows list by list; list l is ``order[starts[l] : starts[l + 1]]``."""

    centres: GridRows
    order: Positions
    starts: npt.NDArray[np.int64]

    @property
    def n_lists(self) -> int:
        """How many lists there are."""
        return len(self.centres)

    def rows(self, one: int) -> Positions:
        """The rows of one list."""
        return self.order[self.starts[one] : self.starts[one + 1]]


def can_be_listed(rows: Comparable) -> bool:
    """Whether there are rows to list, and vectors to list them by."""
    return bool(rows.usable.any()) and rows.sketch(slice(0, 1)).shape[1] > 0


def row_lists(rows: Comparable, seed: int, *, ahead: int, threads: int) -> tuple[RowLists, Probed]:
    """Lists of all rows that can be compared, as many as the square root of their number; and the `ahead` nearest
    lists of each of these rows, in the order of the lists.

    Source: Jégou, Douze, Schmid (2011), IEEE TPAMI 33, the inverted file without compression.
    """
    live = np.flatnonzero(rows.usable)
    n_lists = max(1, int(np.sqrt(len(live))))
    rng = np.random.default_rng(seed)
    seen = np.sort(rng.choice(live, min(len(live), n_lists * _ROWS_A_LIST_SEEN), replace=False))
    centres = k_means(on_grid(rows.sketch(seen)), n_lists, rng, threads=threads)
    probed = nearest_lists(rows, live, centres, min(ahead, n_lists), threads=threads)
    order = np.argsort(probed[:, 0], kind="stable")
    starts = np.searchsorted(probed[order, 0], np.arange(n_lists + 1))
    return RowLists(centres, live[order], starts), probed[order]


def nearest_lists(rows: Comparable, which: Positions, centres: GridRows, count: int, *, threads: int) -> Probed:
    """(m, count) the nearest lists of some rows, the nearest first."""
    return nearest_centres(lambda some: on_grid(rows.sketch(which[some])), len(which), centres, count, threads=threads)


_SCORES_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Candidates:
    """Candidates of each row that is searched for: the best rows of the lists that it was compared with
    (``own``), and the best of those that were compared with *its* list (``returned``). Ids are places in the lists."""

    own: TopK
    returned: TopK | None
    order: Positions

    def of(self, rows: Positions | slice) -> npt.NDArray[np.int64]:
        """(m, c) all of them for some rows, each once; -1 elsewhere."""
        parts = [self.own.ids[rows]] + ([] if self.returned is None else [self.returned.ids[rows]])
        places = np.sort(np.concatenate(parts, axis=1), axis=1)
        places[:, 1:][places[:, 1:] == places[:, :-1]] = -1
        return np.where(places >= 0, self.order[places], -1)


@dataclass(frozen=True)
class ListsSearch(Sides):
    """Search for the nearest of the rows `left` among the rows `right`, which are in `lists`.

    ``visitors`` are the usable rows of `left`; if the rows are searched among themselves, in the order of the lists,
    and each comparison is used for both rows.
    """

    lists: RowLists
    visitors: Positions
    count: int
    threads: int

    def nothing_seen(self) -> Candidates:
        """No candidates yet."""
        returned = top_k_of_nothing(self.right.n_rows, self.count) if self.left is self.right else None
        return Candidates(top_k_of_nothing(self.left.n_rows, self.count), returned, self.lists.order)

    def see(self, seen: Candidates, probed: npt.NDArray[np.uint16]) -> None:
        """Compares every visitor with all rows of some lists, those of one row of `probed` (m, p)."""
        flat = probed.ravel()
        order = np.argsort(flat, kind="stable")
        ends = np.searchsorted(flat[order], np.arange(self.lists.n_lists + 1))
        who = (order // probed.shape[1]).astype(np.int32)
        lock = threading.Lock()
        buffers = Buffers(max(_SCORES_AT_ONCE, int(np.diff(self.lists.starts).max())))

        def work(one: int) -> None:
            visits = who[ends[one] : ends[one + 1]]
            if len(self.lists.rows(one)) and len(visits):
                self._see_list(seen, one, visits, lock, buffers)

        for_each(work, range(self.lists.n_lists), threads=self.threads)

    def _see_list(
        self, seen: Candidates, one: int, visits: npt.NDArray[np.int32], lock: threading.Lock, buffers: Buffers
    ) -> None:
        """One list against the rows that search it, numbered by their position."""
        members, first = self.lists.rows(one), int(self.lists.starts[one])
        grid = on_grid(self.right.sketch(members))
        returned = None if seen.returned is None else top_k_of_nothing(len(members), self.count)
        step = max(1, _SCORES_AT_ONCE // len(members))
        for start in range(0, len(visits), step):
            rows_at = visits[start : start + step]
            rows = self.visitors[rows_at]
            scores = self._scores(rows, members, grid, buffers.block(len(rows), len(members)))
            if self.left is self.right:
                own = np.flatnonzero((rows_at >= first) & (rows_at < first + len(members)))
                scores[own, rows_at[own] - first] = -np.inf
            with lock:  # a row searches several lists
                best = TopK(seen.own.values[rows], seen.own.ids[rows])
                see_block(scores, best, returned, first_row=start, first_column=first, one_set=False)
                seen.own.values[rows], seen.own.ids[rows] = best.values, best.ids
        if returned is not None and seen.returned is not None:
            _join(seen.returned, members, returned, visits)

    def _scores(self, rows: Positions, members: Positions, grid: GridRows, out: Scores) -> Scores:
        """Scores on the grid; the pairs that do not count are struck out."""
        other = on_grid(self.left.sketch(rows))
        scores = np.matmul(other, grid.T, out=out)
        if not self.right.by_angle:
            scores -= half_squares(other)[:, None]
            scores -= half_squares(grid)
        if self.apart.left is not None and self.apart.right is not None:
            scores[equal_pairs(self.apart.left[rows], self.apart.right[members])] = -np.inf
        return np.asarray(scores)


def _join(best: TopK, rows: Positions, new: TopK, names: npt.NDArray[np.int32]) -> None:
    """Adds what was found among `names`, which are new to these rows."""
    k = best.ids.shape[1]
    ids = np.concatenate([best.ids[rows], np.where(new.ids >= 0, names[new.ids], np.int32(-1))], axis=1)
    values = np.concatenate([best.values[rows], new.values], axis=1)
    order = np.lexsort((ids, -values), axis=1)[:, :k]
    best.ids[rows] = np.take_along_axis(ids, order, axis=1)
    best.values[rows] = np.take_along_axis(values, order, axis=1)


WIDTH = 10
"""Neighbours of a row whose neighbours are tried, and as many of theirs."""
_WORTH = 0.1
"""Fraction of the missing neighbours that a round must find to be followed by another."""


@dataclass(frozen=True)
class Graph:
    """The nearest rows of each row among the rows themselves, the pairs that do not count left out.

    Source: Dong, Moses, Li (2011), WWW, nearest neighbour descent. Differs: every pair is scored again in double
    precision, so that rounds do not depend on the order of the rows.
    """

    rows: Comparable
    apart: Apart
    threads: int

    def refined(self, best: Ranked, sample: Truth, count: int, target_recall: float) -> tuple[Ranked, int]:
        """Rounds are added until the sample reaches the target recall, or a round finds too little."""
        rounds, exact = 0, best[1][sample.rows, :count]
        while sample.surely(exact) < target_recall:
            before = sample.recall(exact)
            best = self.once_more(best)
            exact = best[1][sample.rows, :count]
            reached = sample.recall(exact)
            rounds += 1
            if reached - before < _WORTH * (1 - before):
                break
        return best, rounds

    def once_more(self, best: Ranked) -> Ranked:
        """The best of what was found so far and of the neighbours of neighbours."""
        ids = best[0]
        return ranked_candidates(
            self.rows, self.rows, lambda some: self._candidates(ids, some), ids.shape[1], threads=self.threads
        )

    def _candidates(self, ids: Positions, some: slice) -> npt.NDArray[np.int64]:
        mine, row = ids[some], np.arange(some.start, some.stop)[:, None]
        near = mine[:, :WIDTH, None]
        further = np.where(near >= 0, ids[:, :WIDTH][near[:, :, 0]], -1).reshape(len(mine), -1)
        found = np.sort(np.concatenate([mine, further], axis=1), axis=1)
        found[:, 1:][found[:, 1:] == found[:, :-1]] = -1
        codes = self.apart.right
        same = found == row if codes is None else codes[found] == codes[row]
        return np.where(same, -1, found)


FIRST_LISTS = 8
"""Lists that are searched before anything is measured."""
_AT_ONCE = 4
_AHEAD = 16
_SPARE = 2
"""Extra candidates: rounding to the grid may move a true neighbour down by this many ranks."""


def approximate_search(
    left: Comparable, right: Comparable, apart: Apart, count: int, *, target_recall: float, seed: int, threads: int
) -> Nearest:
    """Searches more and more lists for each row until at least `target_recall` of the neighbours of 500 rows are found,
    by two standard errors. The recall that is reported is measured on 500 other rows.

    Lists are built from sketches of the rows. If sketches follow the similarity only loosely, further
    lists find nothing from some point on; then neighbours of neighbours are tried.
    """
    lists, probed = row_lists(right, seed, ahead=_AHEAD, threads=threads)
    live = lists.order if left is right else np.flatnonzero(left.usable)
    if left is not right:
        probed = nearest_lists(left, live, lists.centres, probed.shape[1], threads=threads)
    search = ListsSearch(left, right, apart, lists, live, count * right.loose + _SPARE, threads)
    sample = search.truth(live, count, n_rows=2 * SAMPLE, seed=seed, threads=threads)
    refines = left is right and right.loose > 1
    found, searched = _by_lists(search, probed, sample.half(0), count, max(count, WIDTH * refines), target_recall)
    rounds = 0
    if refines:
        found, rounds = Graph(right, apart, threads).refined(found, sample.half(0), count, target_recall)
    measured = sample.half(1)
    ids, exact = found[0][:, :count], found[1][:, :count]
    recall = measured.recall(exact[measured.rows])
    how = f"inverted lists, {searched} of {lists.n_lists} searched for each row"
    if rounds:
        how += f", then {rounds} round{'s' * (rounds > 1)} of neighbours of neighbours"
    return shown(right, ids, exact, count, recall=recall, measured_on=len(measured.rows), how=how)


def _by_lists(
    search: ListsSearch, probed: Probed, sample: Truth, count: int, width: int, target_recall: float
) -> tuple[Ranked, int]:
    """The best `width` of the candidates from the lists, and the number of lists searched for each row."""
    seen, searched, reached, n_lists = search.nothing_seen(), 0, 0.0, search.lists.n_lists
    some, rows = search.left.take(sample.rows), sample.rows
    while searched < n_lists:
        if searched == probed.shape[1]:
            further = min(2 * searched, n_lists)
            centres = search.lists.centres
            probed = nearest_lists(search.left, search.visitors, centres, further, threads=search.threads)
        until = min(searched + _AT_ONCE, probed.shape[1])
        search.see(seen, probed[:, searched:until])
        by_chance = (1 - reached) * (until - searched) / (n_lists - searched)
        searched, before = until, reached
        exact = ranked_candidates(some, search.right, lambda at: seen.of(rows[at]), count, threads=search.threads)[1]
        reached = sample.recall(exact)
        told_all = search.right.loose > 1 and reached - before < by_chance
        if searched >= FIRST_LISTS and (told_all or sample.surely(exact) >= target_recall):
            break
    return ranked_candidates(search.left, search.right, seen.of, width, threads=search.threads), searched
