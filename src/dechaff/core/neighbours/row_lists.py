"""Rows in lists around centres, so that most of the nearest rows stand in a few lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import top_k_of_nothing
from dechaff.core.neighbours.comparable import Comparable, Positions
from dechaff.core.neighbours.k_means import GridRows, half_squares, k_means, on_grid, see_centres
from dechaff.core.threads import threaded_map

_ROWS_A_LIST_SEEN = 48
"""Rows for each centre from which the centres are worked out."""
_ROWS_AT_ONCE = 4096

Probed = npt.NDArray[np.uint16]
"""(m, p) the nearest lists of m rows, the nearest first."""


@dataclass(frozen=True)
class RowLists:
    """``order`` (n,) holds the rows list by list; list l stands at ``starts[l]`` to ``starts[l + 1]``."""

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
