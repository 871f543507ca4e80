"""The nearest rows by faiss: for those who have it, and more rows than can be compared by lists."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from dechaff.core.neighbours import Nearest, cosine_rows, judged
from dechaff.core.threads import usual_threads
from dechaff.errors import MissingExtraError

LINKS = 16
EFFORT = 64


def nearest_by_faiss(matrix: npt.ArrayLike, count: int, *, effort: int = EFFORT, threads: int | None = None) -> Nearest:
    """The `count` nearest rows by cosine, from a graph of small worlds, with the share of the true ones measured.

    faiss copies the rows, and builds another graph each time it does so with several threads.

    Parameters
    ----------
    matrix : (n, d) numbers
    count : neighbours of each row
    effort : rows that are kept in view, in building and in searching; more find more.
    threads : one for each core where it is None.

    Raises
    ------
    MissingExtraError
        Where faiss is not installed.
    InputError
        Where it is no matrix of numbers.

    Notes
    -----
    Source: Malkov and Yashunin (2020), IEEE TPAMI 42; Johnson, Douze and Jégou (2021), IEEE Transactions on Big Data 7.
    """
    faiss = _faiss()
    rows = cosine_rows(matrix)
    directions = rows.left(slice(0, rows.n_rows))
    faiss.omp_set_num_threads(usual_threads(threads))
    index = faiss.IndexHNSWFlat(directions.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = index.hnsw.efSearch = max(effort, count + 1)
    index.add(directions)
    _, found = index.search(directions, count + 1)
    how = f"faiss, a graph of small worlds with {effort} rows in view"
    return judged(rows, found, count, how=how, threads=threads)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError.of("faiss-cpu", "faiss", "to search with it") from error
    return faiss
