"""The nearest rows by usearch: for those who have it, and more rows than can be compared by lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours import Nearest, cosine_rows, judged
from dechaff.core.threads import usual_threads
from dechaff.errors import MissingExtraError

LINKS = 16
EFFORT = 64


def nearest_by_usearch(
    matrix: npt.ArrayLike, count: int, *, effort: int = EFFORT, threads: int | None = None
) -> Nearest:
    """The `count` nearest rows by cosine, from a graph of small worlds, with the share of the true ones measured.

    usearch copies the rows, and builds another graph each time it does so with several threads.

    Parameters
    ----------
    matrix : (n, d) numbers
    count : neighbours of each row
    effort : rows that are kept in view, in building and in searching; more find more.
    threads : one for each core where it is None.

    Raises
    ------
    MissingExtraError
        Where usearch is not installed.
    InputError
        Where it is no matrix of numbers.

    Notes
    -----
    Source: Malkov and Yashunin (2020), IEEE TPAMI 42.
    """
    index_of = _index()
    rows = cosine_rows(matrix)
    directions, n_threads = rows.left(slice(0, rows.n_rows)), usual_threads(threads)
    index = index_of(
        ndim=directions.shape[1],
        metric="ip",
        dtype="f32",
        connectivity=LINKS,
        expansion_add=max(effort, count + 1),
        expansion_search=max(effort, count + 1),
    )
    index.add(np.arange(rows.n_rows), directions, threads=n_threads)
    matches = index.search(directions, count + 1, threads=n_threads)
    keys = np.atleast_2d(matches.keys).astype(np.int64)
    filled = np.arange(keys.shape[1]) < np.atleast_1d(matches.counts)[:, None]
    how = f"usearch, a graph of small worlds with {effort} rows in view"
    return judged(rows, np.where(filled, keys, -1), count, how=how, threads=threads)


def _index() -> Any:
    try:
        from usearch.index import Index
    except ImportError as error:
        raise MissingExtraError.of("usearch", "usearch", "to search with it") from error
    return Index
