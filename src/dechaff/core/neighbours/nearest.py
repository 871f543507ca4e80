"""The nearest rows of every row, or of other rows."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.approximate import approximate_search, can_be_listed
from dechaff.core.neighbours.comparable import Apart, Comparable, Scores, all_blocks
from dechaff.core.neighbours.exact_search import EXACT, Nearest, exact_search, nothing_found, shown
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError

EXACT_UP_TO = 100_000
"""Rows up to which all are compared with all."""
TARGET_RECALL = 0.97


@dataclass(frozen=True)
class Search:
    """How to look for neighbours.

    Above ``exact_up_to`` rows inverted lists are searched, more and more of them until ``target_recall`` of the true
    neighbours of sampled rows are found, then neighbours of neighbours if more lists do not help. ``threads`` changes
    nothing but the time.
    """

    exact_up_to: int = EXACT_UP_TO
    target_recall: float = TARGET_RECALL
    threads: int | None = None
    seed: int = 0


_USUAL = Search()


def nearest(
    rows: Comparable,
    count: int,
    *,
    queries: Any = None,
    apart: npt.ArrayLike | None = None,
    queries_apart: npt.ArrayLike | None = None,
    search: Search = _USUAL,
) -> Nearest:
    """The `count` nearest rows of each row, or of each query, with how they were found and how many were missed.

    Up to 100,000 rows all are compared with all by matrix products, and the answer is exact: of equally near rows the
    smaller number comes first. Above, inverted lists are searched, and the result includes its measured recall. It
    is always the same for any number of threads and on every processor.

    Parameters
    ----------
    rows : n rows of one kind, from `cosine_rows`, `euclidean_rows`, `sparse_cosine_rows`, `mixed_rows` …
    count : neighbours of each row, at least 1; places beyond the number of rows stay empty.
    queries : other rows, as `rows` was made of
        Their neighbours among `rows` are returned. None: those of each row among all others.
    apart : (n,) int
        Rows of one code are no neighbours of each other. None: only a row and itself are none.
    queries_apart : (m,) int
        The codes of the queries. None: every row may be the neighbour of any query.
    search : `Search`

    Raises
    ------
    InputError
        If `count` is below 1, or the queries or codes do not fit the rows.

    Examples
    --------
    >>> from dechaff.core.neighbours import euclidean_rows
    >>> found = nearest(euclidean_rows(np.array([[0.0], [1.0], [3.0]])), 2)
    >>> found.ids.tolist(), found.similarity.tolist()
    ([[1, 2], [0, 2], [1, 0]], [[-1.0, -3.0], [-1.0, -2.0], [-2.0, -3.0]])
    >>> str(found)
    'exact search'
    """
    if count < 1:
        raise InputError("count", "be at least 1", str(count), "Pass 1 or more.")
    left = rows if queries is None else rows.like(queries)
    if left.n_rows == 0 or rows.n_rows == 0:
        return nothing_found(left.n_rows, count)
    pairs = _apart(rows, left, apart, queries_apart)
    threads = usual_threads(search.threads)
    if rows.n_rows <= search.exact_up_to or not can_be_listed(rows):
        ids, exact = exact_search(left, rows, pairs, count, threads=threads)
        return shown(rows, ids, exact, count, recall=1.0, measured_on=0, how=EXACT)
    return approximate_search(
        left, rows, pairs, count, target_recall=search.target_recall, seed=search.seed, threads=threads
    )


def _apart(
    rows: Comparable, left: Comparable, apart: npt.ArrayLike | None, queries_apart: npt.ArrayLike | None
) -> Apart:
    right_codes = None if apart is None else _codes("apart", apart, rows.n_rows)
    if left is rows:
        return Apart(right_codes, right_codes, rows.usable, rows.usable)
    left_codes = None if queries_apart is None else _codes("queries_apart", queries_apart, left.n_rows)
    if left_codes is not None and right_codes is None:
        right_codes = np.arange(rows.n_rows)
    return Apart(left_codes, right_codes, left.usable, rows.usable)


def _codes(name: str, codes: npt.ArrayLike, n_rows: int) -> npt.NDArray[np.int64]:
    found = np.asarray(codes)
    if found.shape != (n_rows,) or found.dtype.kind not in "iu":
        raise InputError(
            name,
            f"be one whole number for each of {n_rows} rows",
            f"shape {found.shape} of {found.dtype}",
            "Number the groups of rows, for instance with numpy.unique.",
        )
    return found.astype(np.int64)


GRAPH = 32
"""Neighbours of each row among which pairs are searched if not all rows are compared with all."""


@dataclass(frozen=True)
class ClosePairs:
    """``pairs`` (m, 2), the smaller row first, in ascending order, with their exact ``similarity``; and how they were
    found, with the fraction of all such pairs that were."""

    pairs: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]
    recall: float
    how: str


def close_pairs(rows: Comparable, least: float, *, search: Search = _USUAL) -> ClosePairs:
    """All pairs of rows whose score is at least `least`.

    Up to 100,000 rows all are compared with all, and no pair is missed. Above, pairs are looked for among the 32
    nearest rows of each, found by inverted lists; of more than 32 copies not all pairs are returned then, but enough
    to connect them.

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
    return _close(rows, pairs, least, 1.0, EXACT)


def _of_graph(rows: Comparable, least: float, search: Search) -> ClosePairs:
    graph = nearest(rows, GRAPH, search=search)
    left, place = np.nonzero(graph.ids >= 0)
    right = graph.ids[left, place]
    pairs = np.unique(np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1), axis=0)
    return _close(rows, pairs, least, graph.recall, str(graph))


def _close(rows: Comparable, pairs: npt.NDArray[np.int64], least: float, recall: float, how: str) -> ClosePairs:
    exact = rows.exact(rows, pairs[:, 0], pairs[:, 1])
    near = exact >= least
    return ClosePairs(pairs[near], rows.similarity(exact[near]), recall, how)
