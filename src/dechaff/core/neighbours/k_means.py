"""Centres of rows on a grid of whole numbers: the same ones on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.top_k import TopK, see_block, top_k_of_nothing
from dechaff.core.threads import threaded_map

GRID = 4000
"""Rows of length 1 at most are rounded to whole numbers on this grid. By Cauchy-Schwarz every partial sum of a product
stays below 2^24, where float32 counts exactly: products do not depend on the order of summation."""
ROUNDS = 6
"""Lloyd's iteration is stopped early: lists need to be even, not optimal."""
_ROWS_AT_ONCE = 4096

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
    """(l, e) centres on the grid; where a centre loses all its rows it stays where it was.

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
