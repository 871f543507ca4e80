"""What share of the true neighbours was found, told by some rows whose true neighbours are worked out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.best_pairs import ranked_candidates
from dechaff.core.neighbours.comparable import Comparable, ExactScores, Positions
from dechaff.core.neighbours.exact_search import exact_search
from dechaff.core.neighbours.found import Nearest, shown
from dechaff.core.threads import usual_threads

SAMPLE = 500


@dataclass(frozen=True)
class Truth:
    """Some rows whose true neighbours are known: how many they are, and the exact score of the last of them."""

    rows: Positions
    edge: ExactScores
    n_true: Positions

    def half(self, which: int) -> Truth:
        """Every other one of the rows."""
        return Truth(self.rows[which::2], self.edge[which::2], self.n_true[which::2])

    def recall(self, exact: ExactScores) -> float:
        """Share of the true neighbours among what was found; another row at the same distance is as good."""
        return float(self._found(exact).sum() / max(self.n_true.sum(), 1))

    def surely(self, exact: ExactScores) -> float:
        """The recall less two standard errors."""
        short = self._found(exact) - self.recall(exact) * self.n_true
        return self.recall(exact) - 2 * float(np.sqrt(np.square(short).sum()) / max(self.n_true.sum(), 1))

    def _found(self, exact: ExactScores) -> Positions:
        return np.asarray(np.minimum((exact >= self.edge[:, None]).sum(axis=1), self.n_true))


@dataclass(frozen=True)
class Sides:
    """Who looks for neighbours among whom, and which pairs do not count."""

    left: Comparable
    right: Comparable
    apart: Apart

    def truth(self, live: Positions, count: int, *, n_rows: int, seed: int, threads: int) -> Truth:
        """The true neighbours of some of the rows that can be compared, drawn at random."""
        rows = np.sort(np.random.default_rng(seed + 1).permutation(live)[:n_rows])
        ours, theirs = self.apart.left, self.apart.right
        if self.left is self.right and ours is None:
            ours = theirs = np.arange(self.left.n_rows)
        usable = (self.left.usable[rows], self.right.usable)
        some = Apart(None if ours is None else ours[rows], theirs, *usable)
        ids, exact = exact_search(self.left.take(rows), self.right, some, count, threads=threads)
        n_true = (ids >= 0).sum(axis=1)
        edge = np.where(n_true > 0, exact[np.arange(len(rows)), np.maximum(n_true, 1) - 1], np.inf)
        return Truth(rows, edge, n_true)


def judged(
    rows: Comparable, candidates: npt.NDArray[np.integer], count: int, *, how: str, threads: int | None = None
) -> Nearest:
    """The best of candidates that somebody else has found, scored exactly, and what share of the true ones they are.

    Parameters
    ----------
    rows : n rows
    candidates : (n, c) int
        Rows that may be neighbours; -1 for none. A row itself is left out.
    count : how many of them are wanted.
    how : how they were found, in words.

    Examples
    --------
    >>> from dechaff.core.neighbours import cosine_rows
    >>> rows = cosine_rows(np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]))
    >>> str(judged(rows, np.array([[0, 1], [0, 1], [2, 0]]), 1, how="a guess"))
    'a guess; 66.7% of the true ones found, as measured on 3 rows'
    """
    n_threads = usual_threads(threads)
    found = np.where(candidates == np.arange(len(candidates))[:, None], -1, candidates)
    ids, exact = ranked_candidates(rows, rows, found.__getitem__, count, threads=n_threads)
    sides = Sides(rows, rows, Apart(None, None, rows.usable, rows.usable))
    truth = sides.truth(np.flatnonzero(rows.usable), count, n_rows=SAMPLE, seed=0, threads=n_threads)
    return shown(rows, ids, exact, count, recall=truth.recall(exact[truth.rows]), measured_on=len(truth.rows), how=how)
