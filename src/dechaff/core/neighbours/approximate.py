"""The nearest rows of very many: lists are searched until enough of the true ones are found on a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.best_pairs import ranked_candidates
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions
from dechaff.core.neighbours.lists_search import Candidates, ListsSearch
from dechaff.core.neighbours.row_lists import row_lists
from dechaff.core.neighbours.truth import SAMPLE, Sides, Truth

FIRST_LISTS = 8
"""Lists that are searched before anything is measured."""
_AT_ONCE = 4
_AHEAD = 16
_SPARE = 2
"""Candidates beyond those that are wanted: the grid may put a wanted one so many places down."""


@dataclass(frozen=True)
class Approximate:
    """Positions (m, c) and exact scores of the rows that were found, and what share of the true ones they are."""

    ids: Positions
    exact: ExactScores
    recall: float
    measured_on: int
    n_lists: int
    searched: int


def approximate_search(
    left: Comparable, right: Comparable, apart: Apart, count: int, *, target_recall: float, seed: int, threads: int
) -> Approximate:
    """Searches ever more lists of each row until at least `target_recall` of the neighbours of 500 rows are found,
    chance aside (two standard errors). The recall that is reported is measured on 500 other rows.
    """
    lists, probed = row_lists(right, seed, ahead=_AHEAD, threads=threads)
    live = lists.order if left is right else np.flatnonzero(left.usable)
    if left is not right:
        probed = lists.nearest_lists(left, live, probed.shape[1], threads=threads)
    sample = Sides(left, right, apart).truth(live, count, n_rows=2 * SAMPLE, seed=seed, threads=threads)
    search = ListsSearch(left, right, lists, live, apart, count * right.loose + _SPARE, threads)
    seen, searched = search.nothing_seen(), 0
    while searched < lists.n_lists:
        if searched == probed.shape[1]:
            probed = lists.nearest_lists(left, live, min(2 * searched, lists.n_lists), threads=threads)
        until = min(searched + _AT_ONCE, probed.shape[1])
        search.see(seen, probed[:, searched:until])
        searched = until
        if searched >= FIRST_LISTS and _reached(left, right, seen, sample.half(0), count, threads) >= target_recall:
            break
    ids, exact = ranked_candidates(left, right, seen.of, count, threads=threads)
    measured = sample.half(1)
    recall = measured.recall(exact[measured.rows])
    return Approximate(ids, exact, recall, len(measured.rows), lists.n_lists, searched)


def _reached(left: Comparable, right: Comparable, seen: Candidates, sample: Truth, count: int, threads: int) -> float:
    some = left.take(sample.rows)
    _, exact = ranked_candidates(some, right, lambda rows: seen.of(sample.rows[rows]), count, threads=threads)
    return sample.surely(exact)
