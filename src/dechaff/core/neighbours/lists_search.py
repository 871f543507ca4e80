"""The nearest rows by inverted lists: each list against the rows that are nearest to it, as one product."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import TopK, see_block, top_k_of_nothing
from dechaff.core.neighbours.blocks import Apart, Buffers, equal_pairs
from dechaff.core.neighbours.comparable import Comparable, Positions, Scores
from dechaff.core.neighbours.row_lists import GridRows, RowLists, half_squares, on_grid
from dechaff.core.threads import threaded_map

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
class ListsSearch:
    """Search for the nearest of the rows `left` among the rows `right`, which are in `lists`.

    ``visitors`` are the usable rows of `left`; if the rows are searched among themselves, in the order of the lists,
    and each comparison is used for both rows.
    """

    left: Comparable
    right: Comparable
    lists: RowLists
    visitors: Positions
    apart: Apart
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

        for _ in threaded_map(work, range(self.lists.n_lists), threads=self.threads):
            pass

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
