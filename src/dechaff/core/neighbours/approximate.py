"""The nearest rows of very many: lists are searched until enough of the true ones are found on a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.best_pairs import ranked_candidates
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions
from dechaff.core.neighbours.exact_search import exact_search
from dechaff.core.neighbours.lists_search import Candidates, ListsSearch
from dechaff.core.neighbours.row_lists import row_lists

SAMPLE = 500
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


@dataclass(frozen=True)
class _Sample:
    """Some rows whose true neighbours are known: how many they are, and the exact score of the last of them."""

    rows: Positions
    edge: ExactScores
    n_true: Positions

    def half(self, which: int) -> _Sample:
        """Every other one of the rows."""
        return _Sample(self.rows[which::2], self.edge[which::2], self.n_true[which::2])

    def recall(self, exact: ExactScores) -> float:
        """Share of the true neighbours among what was found; another row at the same distance is as good."""
        return float(self._found(exact).sum() / max(self.n_true.sum(), 1))

    def surely(self, exact: ExactScores) -> float:
        """The recall less two standard errors."""
        short = self._found(exact) - self.recall(exact) * self.n_true
        return self.recall(exact) - 2 * float(np.sqrt(np.square(short).sum()) / max(self.n_true.sum(), 1))

    def _found(self, exact: ExactScores) -> Positions:
        return np.asarray(np.minimum((exact >= self.edge[:, None]).sum(axis=1), self.n_true))


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
    sample = _sample(left, right, apart, live, count, seed=seed, threads=threads)
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


def _sample(
    left: Comparable, right: Comparable, apart: Apart, live: Positions, count: int, *, seed: int, threads: int
) -> _Sample:
    """The true neighbours of some rows."""
    rows = np.sort(np.random.default_rng(seed + 1).permutation(live)[: 2 * SAMPLE])
    ours, theirs = apart.left, apart.right
    if left is right and ours is None:
        ours = theirs = np.arange(left.n_rows)
    some = Apart(None if ours is None else ours[rows], theirs, left.usable[rows], right.usable)
    ids, exact = exact_search(left.take(rows), right, some, count, threads=threads)
    n_true = (ids >= 0).sum(axis=1)
    edge = np.where(n_true > 0, exact[np.arange(len(rows)), np.maximum(n_true, 1) - 1], np.inf)
    return _Sample(rows, edge, n_true)


def _reached(left: Comparable, right: Comparable, seen: Candidates, sample: _Sample, count: int, threads: int) -> float:
    some = left.take(sample.rows)
    _, exact = ranked_candidates(some, right, lambda rows: seen.of(sample.rows[rows]), count, threads=threads)
    return sample.surely(exact)
