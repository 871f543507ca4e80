"""The nearest rows of every row, or of other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.approximate import approximate_search
from dechaff.core.neighbours.comparable import Comparable
from dechaff.core.neighbours.exact_search import exact_search
from dechaff.core.neighbours.found import EXACT, Nearest, nothing_found, shown
from dechaff.core.neighbours.row_lists import can_be_listed
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError

EXACT_UP_TO = 100_000
"""Rows up to which all are compared with all."""
TARGET_RECALL = 0.97


@dataclass(frozen=True)
class Search:
    """How to look for neighbours.

    Above ``exact_up_to`` rows inverted lists are searched, more and more of them until ``target_recall`` of the true
    neighbours of sampled rows are found; neighbours of neighbours where lists tell no more. ``threads`` changes
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
    smaller number comes first. Above, inverted lists are searched; the answer then says its own recall. Either way it
    is the same for any number of threads and on every processor.

    Parameters
    ----------
    rows : n rows of one kind, from `cosine_rows`, `euclidean_rows`, `sparse_cosine_rows`, `mixed_rows` …
    count : neighbours of each row, at least 1; places beyond the number of rows stay empty.
    queries : other rows, as `rows` was made of
        Their neighbours among `rows` are looked for; those of each row itself among all others where it is None.
    apart : (n,) int
        Rows of one code are no neighbours of each other; each row is only apart from itself where it is None.
    queries_apart : (m,) int
        The codes of the queries; every row may be the neighbour of any query where it is None.
    search : `Search`

    Raises
    ------
    InputError
        Where `count` is below 1, or the queries or codes do not fit the rows.

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
        raise InputError("count", "be 1 at least", str(count), "Ask for one neighbour or more.")
    left = rows if queries is None else rows.like(queries)
    if left.n_rows == 0 or rows.n_rows == 0:
        return nothing_found(left.n_rows, count)
    pairs = _apart(rows, left, apart, queries_apart)
    threads = usual_threads(search.threads)
    if rows.n_rows <= search.exact_up_to or not can_be_listed(rows):
        ids, exact = exact_search(left, rows, pairs, count, threads=threads)
        return shown(rows, ids, exact, count, recall=1.0, measured_on=0, how=EXACT)
    found = approximate_search(
        left, rows, pairs, count, target_recall=search.target_recall, seed=search.seed, threads=threads
    )
    how = f"inverted lists, {found.searched} of {found.n_lists} searched for each row"
    if found.rounds:
        how += f", then {found.rounds} round{'s' * (found.rounds > 1)} of neighbours of neighbours"
    return shown(rows, found.ids, found.exact, count, recall=found.recall, measured_on=found.measured_on, how=how)


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
