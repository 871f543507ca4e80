"""Annotators who give another one's answers as their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import SumFold
from dechaff.methods.consensus.answer_rows import AnsweredItems, AnswerRows, Tables, softmax
from dechaff.methods.consensus.crowd_consensus import CrowdConsensus
from dechaff.typing import Chunk, Figures, Rows

MOST_ANNOTATORS = 1000
"""Of more, those with the most answers are compared."""
_STEPS = float(2**24)
_COPIES = 0.9
"""Fraction of a copier's answers that are copied."""
_SHARED = 2.0
"""Weight of what the annotator's own confusions say, in answers."""
_RATE = 0.05
"""Expected number of false alarms, for all pairs together."""
_LEAST, _MOST = 1e-6, 0.99
_PAIRS_AT_ONCE = 2**17


@dataclass(frozen=True)
class CopyOdds(SumFold[npt.NDArray[np.int64]]):
    """(2, m, m) log-odds, in steps, of one annotator (column) copying another (row) against answering independently.

    The second table has the odds as if the two had agreed on all items. An independent annotator gives the other's
    answer as often as a third one does, or as often as their own confusions say, whichever is more: hard items have
    wrong answers that many give.
    """

    logs: Tables = field(repr=False)
    power: float
    before: npt.NDArray[np.float64] = field(repr=False)
    """(n, k) log-probabilities of the items before their answers."""
    places: npt.NDArray[np.int64] = field(repr=False)
    """(m,) place of each annotator among those that are compared; -1 = not compared."""
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def init(self) -> npt.NDArray[np.int64]:
        """No answers."""
        n = int(self.places.max()) + 1
        return np.zeros((2, n, n), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds all pairs of answers of each item."""
        m, k, _ = self.logs.shape
        found = AnsweredItems.of(chunk, (m, k, k))
        sums = found.sums(self.logs)
        edges = found.matrix.indptr.astype(np.int64)
        sizes = np.diff(edges)
        total = state.copy()
        for size in np.unique(sizes[sizes > 1]).tolist():
            mine = np.flatnonzero(sizes == size)
            step = max(1, _PAIRS_AT_ONCE // (size * (size - 1)))
            for at in range(0, len(mine), step):
                some = mine[at : at + step]
                cells = found.answers[edges[some][:, None] + np.arange(size)]
                total += self._pairs(cells, sums[some], self.before[found.items[some]])
        return total

    def _pairs(self, cells: Rows, sums: Figures, before: Figures) -> npt.NDArray[np.int64]:
        """Log-odds of all ordered pairs of the answers (c, r) of items with equally many."""
        m, k, _ = self.logs.shape
        flat = self.logs.reshape(m * k, k)
        first, second = np.nonzero(~np.eye(cells.shape[1], dtype=bool))
        one, other = cells[:, first], cells[:, second]
        (people, labels), (others, their_labels) = np.divmod(one, k), np.divmod(other, k)
        rest = sums[:, None] - flat[one] - flat[other]
        posterior = softmax((self.power * rest + before[:, None]).reshape(-1, k)).reshape(rest.shape)
        own = (posterior * np.exp(flat[others * k + labels])).sum(axis=2)
        votes = (cells[:, :, None] % k == labels[:, None, :]).sum(axis=1)
        same = labels == their_labels
        third = (votes - 1 - same + _SHARED * own) / (cells.shape[1] - 2 + _SHARED)
        chance = np.clip(np.maximum(own, third), _LEAST, _MOST)
        agreed = np.log((_COPIES + (1 - _COPIES) * chance) / chance)
        n = int(self.places.max()) + 1
        here, there = self.places[people], self.places[others]
        both = (here >= 0) & (there >= 0)
        pairs = (here * n + there)[both]
        tables = [
            np.bincount(pairs, weights=np.rint(odds[both] * _STEPS), minlength=n * n).reshape(n, n)
            for odds in (np.where(same, agreed, np.log(1 - _COPIES)), agreed)
        ]
        return np.stack(tables).astype(np.int64)


def _limit(most: Figures) -> float:
    """The log-odds that pairs must exceed for an expected number of false alarms of at most .05.

    Odds exceed e^t by chance in at most e^-t of the pairs, and never where even agreement on all items gives less.
    """
    limits = np.sort(most[np.triu_indices(len(most), 1)])[::-1]
    pairs = np.arange(1, len(limits) + 1)
    needed = np.log(pairs / _RATE)
    enough = np.flatnonzero(np.append(limits[1:], -np.inf) <= needed)
    return float(needed[enough[0]]) if len(enough) else float("inf")


def copied_answers(rows: AnswerRows, found: CrowdConsensus) -> Rows:
    """The annotator whose answers each one repeats.

    Of two who always agree, the one with fewer answers is named, or else the later one: answers do not show who copied.
    Two annotators who make no errors cannot be told from one who copies the other, and are not named.

    Parameters
    ----------
    rows : AnswerRows
    found : CrowdConsensus
        Of these answers.

    Returns
    -------
    (m,) int
        -1 = none.

    Source
    ------
    This library, after Dong, Berti-Equille, Srivastava (2009), Integrating conflicting data: the role of source
    dependence, PVLDB 2: shared errors tell copiers. Differs: the chance of agreement is that of a third annotator on
    the same item. Tarone (1990), A modified Bonferroni method for discrete data, Biometrics 46, for pairs with too few
    common items to be found.

    Examples
    --------
    >>> from dechaff.methods.consensus.crowd_consensus import crowd_consensus
    >>> rng = np.random.default_rng(0)
    >>> true = rng.integers(3, size=80)
    >>> answers = [np.where(rng.random(80) < 0.7, true, rng.integers(3, size=80)) for _ in range(5)]
    >>> rows = AnswerRows.of(np.tile(np.arange(80), 6), np.repeat(np.arange(6), 80), np.r_[*answers, answers[1]])
    >>> copied_answers(rows, crowd_consensus(rows))
    array([-1, -1, -1, -1, -1,  1])
    """
    counts = np.bincount(rows.annotators, minlength=rows.n_annotators)
    compared = np.sort(np.argsort(-counts, kind="stable")[:MOST_ANNOTATORS])
    places = np.full(rows.n_annotators, -1, dtype=np.int64)
    places[compared] = np.arange(len(compared))
    fold = CopyOdds(found.crowd.logs, found.powers.answers, found.before_answers, places)
    odds, most = rows.run(fold) / _STEPS
    likely = np.minimum(odds, odds.T) > _limit(np.minimum(most, most.T))
    source = np.full(rows.n_annotators, -1, dtype=np.int64)
    for one, other in np.argwhere(np.triu(likely, 1)).tolist():
        original, copy = (one, other) if counts[compared[one]] >= counts[compared[other]] else (other, one)
        if source[compared[copy]] < 0:
            source[compared[copy]] = compared[original]
    return source
