"""All pairs of rows that are at least so near."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.blocks import all_blocks
from dechaff.core.neighbours.comparable import Comparable, Scores
from dechaff.core.neighbours.nearest import Search, nearest
from dechaff.core.neighbours.row_lists import can_be_listed
from dechaff.core.threads import usual_threads

GRAPH = 32
"""Neighbours of each row among which pairs are looked for where not all rows are compared with all."""
_USUAL = Search()


@dataclass(frozen=True)
class ClosePairs:
    """``pairs`` (m, 2), the smaller row first, in ascending order, with their exact ``similarity``; and how they were
    found, with the share of all such pairs that were."""

    pairs: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    recall: float
    how: str


def close_pairs(rows: Comparable, least: float, *, search: Search = _USUAL) -> ClosePairs:
    """All pairs of rows whose score is at least `least`.

    Up to 100,000 rows all are compared with all, and no pair is missed. Above, pairs are looked for among the 32
    nearest rows of each, found by inverted lists; of more than 32 copies not all pairs are named then, but each with
    enough others to tie them together.

    Parameters
    ----------
    rows : n rows of one kind
    least : a score, in the units of the kind (a cosine for `cosine_rows`)
    search : `Search`

    Examples
    --------
    >>> from dechaff.core.neighbours import cosine_rows
    >>> close_pairs(cosine_rows(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]])), 0.9).pairs.tolist()
    [[0, 2]]
    """
    if rows.n_rows > search.exact_up_to and can_be_listed(rows):
        return _of_graph(rows, least, search)
    found = [np.empty((0, 2), dtype=np.int64)]
    lock = threading.Lock()
    error = rows.error(slice(0, rows.n_rows), np.full(rows.n_rows, float(least)))

    def see(scores: Scores, left: slice, right: slice) -> None:
        edge = np.full((left.stop - left.start, 1), least) if error is None else (least - error[left])[:, None]
        close = scores >= np.nextafter(edge.astype(np.float32), np.float32(-np.inf))
        if not close.any():
            return
        pairs = np.argwhere(close) + np.array([left.start, right.start])
        with lock:
            found.append(pairs[pairs[:, 0] < pairs[:, 1]])

    apart = Apart(None, None, rows.usable, rows.usable)
    all_blocks(rows, rows, apart, see, threads=usual_threads(search.threads))
    pairs = np.concatenate(found)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    exact = rows.exact(rows, pairs[:, 0], pairs[:, 1])
    near = exact >= least
    return ClosePairs(pairs[near], rows.similarity(exact[near]), 1.0, "exact search")


def _of_graph(rows: Comparable, least: float, search: Search) -> ClosePairs:
    graph = nearest(rows, GRAPH, search=search)
    left, place = np.nonzero(graph.ids >= 0)
    right = graph.ids[left, place]
    pairs = np.unique(np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1), axis=0)
    exact = rows.exact(rows, pairs[:, 0], pairs[:, 1])
    near = exact >= least
    return ClosePairs(pairs[near], rows.similarity(exact[near]), graph.recall, str(graph))
