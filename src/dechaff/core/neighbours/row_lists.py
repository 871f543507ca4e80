"""Inverted lists: rows grouped around centres, so that most nearest rows are in a few lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import TopK, see_block, top_k_of_nothing
from dechaff.core.neighbours.comparable import Comparable, Positions
from dechaff.core.threads import threaded_map

GRID = 4000
"""Rows of length 1 at most are rounded to whole numbers on this grid. By Cauchy-Schwarz every partial sum of a product
stays below 2^24, where float32 counts exactly: products do not depend on the order of summation."""
ROUNDS = 6
"""Lloyd's iteration is stopped early: lists need to be even, not optimal."""

GridRows = npt.NDArray[np.float32]
"""(n, e) whole numbers."""


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
        nearest = nearest_centres(rows, centres, 1, threads=threads)[:, 0]
        order = np.argsort(nearest, kind="stable")
        starts = np.flatnonzero(np.diff(nearest[order], prepend=-1))
        sizes = np.diff(starts, append=len(order))
        sums = np.add.reduceat(rows[order], starts, axis=0, dtype=np.float64)
        centres = centres.copy()
        centres[nearest[order[starts]]] = np.rint(sums / sizes[:, None])
    return centres


def nearest_centres(rows: GridRows, centres: GridRows, count: int, *, threads: int) -> npt.NDArray[np.int32]:
    """(n, count) the nearest centres of every row, the nearest first."""
    best = top_k_of_nothing(len(rows), count)
    halves = half_squares(centres)

    def work(start: int) -> None:
        see_centres(
            rows[start : start + _ROWS_AT_ONCE], centres, halves, best.lines(slice(start, start + _ROWS_AT_ONCE))
        )

    for _ in threaded_map(work, range(0, len(rows), _ROWS_AT_ONCE), threads=threads):
        pass
    return best.ids


def see_centres(rows: GridRows, centres: GridRows, halves: npt.NDArray[np.float32], best: TopK) -> None:
    """Compares some rows with all centres."""
    scores = rows @ centres.T
    scores -= halves
    see_block(scores, best, one_set=False)


_ROWS_A_LIST_SEEN = 48
"""Rows for each centre from which the centres are worked out."""
_ROWS_AT_ONCE = 4096

Probed = npt.NDArray[np.uint16]
"""(m, p) the nearest lists of m rows, the nearest first."""


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

    def nearest_lists(self, rows: Comparable, which: Positions, count: int, *, threads: int) -> Probed:
        """(m, count) the nearest lists of some rows, the nearest first."""
        return _nearest_lists(rows, which, self.centres, count, threads=threads)


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
    probed = _nearest_lists(rows, live, centres, min(ahead, n_lists), threads=threads)
    order = np.argsort(probed[:, 0], kind="stable")
    starts = np.searchsorted(probed[order, 0], np.arange(n_lists + 1))
    return RowLists(centres, live[order], starts), probed[order]


def _nearest_lists(rows: Comparable, which: Positions, centres: GridRows, count: int, *, threads: int) -> Probed:
    found = np.empty((len(which), count), dtype=np.uint16)
    halves = half_squares(centres)

    def work(start: int) -> None:
        some = which[start : start + _ROWS_AT_ONCE]
        best = top_k_of_nothing(len(some), count)
        see_centres(on_grid(rows.sketch(some)), centres, halves, best)
        found[start : start + _ROWS_AT_ONCE] = best.ids

    for _ in threaded_map(work, range(0, len(which), _ROWS_AT_ONCE), threads=threads):
        pass
    return found
