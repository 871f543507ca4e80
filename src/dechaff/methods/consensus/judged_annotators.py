"""How each annotator answers, judged by the other answers of the same items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from dechaff.core.fold import SumFold
from dechaff.core.intervals import wilson_interval
from dechaff.methods.consensus.answer_rows import (
    AnswerCounts,
    AnsweredItems,
    AnswerRows,
    JudgedAnswers,
    Tables,
    softmax,
)
from dechaff.methods.consensus.crowd_consensus import CrowdConsensus
from dechaff.typing import Chunk, Figures

TRUSTS = np.linspace(0, 1, 21)
"""Fractions of an annotator's answers that depend on the item."""
_STEPS = float(2**30)
_LEAST = 1e-9


@dataclass(frozen=True)
class TrustLogs(SumFold[npt.NDArray[np.int64]]):
    """(m, 21) log-likelihood of each annotator's answers if the fraction `TRUSTS` of them depends on the item.

    An answer is compared with probabilities of the item from which it was left out.
    """

    logs: Tables = field(repr=False)
    """(m, k, k) rounded log-probabilities of answers."""
    power: float
    before: npt.NDArray[np.float64] = field(repr=False)
    """(n, k) log-probabilities of the items before their answers."""
    habits: npt.NDArray[np.float64] = field(repr=False)
    """(m, k) how often each annotator gives each answer; rows sum to 1."""
    columns: ClassVar[tuple[str, ...]] = ("items", "annotators", "labels")
    keyed_by = "items"

    def init(self) -> npt.NDArray[np.int64]:
        """No answers."""
        return np.zeros((len(self.logs), len(TRUSTS)), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds the answers of whole items, in whole steps, so that sums are exact."""
        m, k, _ = self.logs.shape
        found = AnsweredItems.of(chunk, (m, k, k))
        if not len(found.items):
            return state
        others = found.sums(self.logs)[found.of_answers] - self.logs.reshape(m * k, k)[found.answers]
        posterior = softmax(self.power * others + self.before[found.items][found.of_answers])
        n, (annotators, labels) = len(posterior), np.divmod(found.answers, k)
        right, by_habit = posterior[np.arange(n), labels][:, None], self.habits[annotators, labels][:, None]
        logs = np.log(np.maximum(TRUSTS * right + (1 - TRUSTS) * by_habit, _LEAST))
        of_each = csr_matrix((np.ones(n), annotators, np.arange(n + 1)), shape=(n, m)).T
        return state + np.asarray(of_each @ np.rint(logs * _STEPS)).astype(np.int64)

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The sums."""
        return np.asarray(state / _STEPS)


@dataclass(frozen=True)
class Annotators:
    """What is known of m annotators."""

    n_answers: npt.NDArray[np.int64]
    """(m,)"""
    quality: Figures
    """(m,) fraction of right answers; NaN if no other annotator answered the same items, and there is no model."""
    low: Figures
    high: Figures
    """(m,) ends of its 95 % interval."""
    confusion: Tables = field(repr=False)
    """(m, k, k) expected number of answers, by answer and true class."""
    habits: npt.NDArray[np.float64] = field(repr=False)
    """(m, k) how often each annotator gives each answer."""
    trust_logs: npt.NDArray[np.float64] = field(repr=False)
    """(m, 21) as in `TrustLogs`."""

    @property
    def bias(self) -> npt.NDArray[np.float64]:
        """(m, k) fraction of the answers that name each class, minus the fraction that should."""
        total = np.maximum(self.confusion.sum(axis=(1, 2)), _LEAST)[:, None]
        return np.asarray((self.confusion.sum(axis=2) - self.confusion.sum(axis=1)) / total)


def judge_annotators(rows: AnswerRows, found: CrowdConsensus) -> Annotators:
    """The quality of each annotator with its interval, confusions, and how far answers depend on the item.

    Quality is the mean probability of the answers given. Items with no other answer do not count if there is no model.

    Parameters
    ----------
    rows : AnswerRows
    found : CrowdConsensus
        Of these answers.

    Source
    ------
    This library; Wilson (1927), JASA 22, for the interval, which is as good as the probabilities of the items.

    Examples
    --------
    >>> from dechaff.methods.consensus.crowd_consensus import crowd_consensus
    >>> rows = AnswerRows.of(np.repeat(np.arange(6), 3), np.tile([0, 1, 2], 6), np.array([0, 0, 1, 1, 1, 1] * 3))
    >>> int(judge_annotators(rows, crowd_consensus(rows)).quality.argmin())
    2
    """
    counts = np.bincount(rows.annotators, minlength=rows.n_annotators)
    m, k = rows.n_annotators, rows.n_classes
    given = np.bincount(rows.annotators * np.int64(k) + rows.labels, minlength=m * k).reshape(m, k)
    habits = (given + 1 / k) / (given + 1 / k).sum(axis=1, keepdims=True)
    compared = rows if found.uses_model else rows.take(rows.per_item[rows.items] > 1)
    judged, trust = (
        JudgedAnswers(np.zeros(rows.shape), found.posterior),
        TrustLogs(found.crowd.logs, 1.0, found.before_answers, habits),
    )
    if not len(compared.items):
        unknown = np.full(m, np.nan)
        return Annotators(counts, unknown, unknown, unknown, np.zeros(rows.shape), habits, np.zeros((m, len(TRUSTS))))
    seen: AnswerCounts = compared.run(judged)
    n = seen.answers.sum(axis=(1, 2))
    known = np.where(n > _LEAST, n, np.nan)
    quality = np.einsum("mcc->m", seen.answers) / known
    low, high = wilson_interval(quality, known)
    return Annotators(counts, quality, low, high, seen.answers, habits, compared.run(trust))
