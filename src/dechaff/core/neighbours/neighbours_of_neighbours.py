"""Nearer rows among the neighbours of neighbours, where the lists have told all they can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours.apart import Apart
from dechaff.core.neighbours.best_pairs import Ranked, ranked_candidates
from dechaff.core.neighbours.comparable import Comparable, Positions
from dechaff.core.neighbours.truth import Truth

WIDTH = 10
"""Neighbours of a row whose neighbours are looked at, and as many of theirs."""
_WORTH = 0.1
"""A round that finds less of what is missing is the last."""


@dataclass(frozen=True)
class Graph:
    """The nearest rows of each row among the rows themselves, the pairs that do not count left out.

    Source: Dong, Moses, Li (2011), WWW, nearest neighbour descent. Differs: every pair is scored again in double
    precision, so that rounds do not depend on the order in which rows are looked at.
    """

    rows: Comparable
    apart: Apart
    threads: int

    def refined(self, best: Ranked, sample: Truth, count: int, target_recall: float) -> tuple[Ranked, int]:
        """What is found in as many rounds as it takes to reach the goal on the sample, or as they are worth it."""
        rounds, exact = 0, best[1][sample.rows, :count]
        while sample.surely(exact) < target_recall:
            before = sample.recall(exact)
            best = self.once_more(best)
            exact = best[1][sample.rows, :count]
            reached = sample.recall(exact)
            rounds += 1
            if reached - before < _WORTH * (1 - before):
                break
        return best, rounds

    def once_more(self, best: Ranked) -> Ranked:
        """The best of what was found so far and of the neighbours of neighbours."""
        ids = best[0]
        return ranked_candidates(
            self.rows, self.rows, lambda some: self._candidates(ids, some), ids.shape[1], threads=self.threads
        )

    def _candidates(self, ids: Positions, some: slice) -> npt.NDArray[np.int64]:
        mine, row = ids[some], np.arange(some.start, some.stop)[:, None]
        near = mine[:, :WIDTH, None]
        further = np.where(near >= 0, ids[:, :WIDTH][near[:, :, 0]], -1).reshape(len(mine), -1)
        found = np.sort(np.concatenate([mine, further], axis=1), axis=1)
        found[:, 1:][found[:, 1:] == found[:, :-1]] = -1
        codes = self.apart.right
        same = found == row if codes is None else codes[found] == codes[row]
        return np.where(same, -1, found)
