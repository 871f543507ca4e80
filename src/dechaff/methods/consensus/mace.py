"""Annotators of whom each either knows the class or answers by habit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.answer_rows import (
    MOST_ROUNDS,
    AnswerCounts,
    AnswerRows,
    ExpectedAnswers,
    ItemSums,
    Tables,
    VotedAnswers,
    rounded,
    softmax,
)
from dechaff.typing import Figures, Probs

_SMOOTHING = 0.5
_LEAST = 1e-10
_SETTLED = 1e-6


@dataclass(frozen=True)
class Mace:
    """Probabilities of each item, and the trust in each annotator."""

    posterior: Probs = field(repr=False)
    """(n, k) float, rows sum to 1."""
    trust: Figures
    """(m,) probability that an annotator knows the class, and does not answer by habit."""
    habits: npt.NDArray[np.float64] = field(repr=False)
    """(m, k) how often each answer comes if the annotator does not know; rows sum to 1."""


def mace(rows: AnswerRows, *, most_rounds: int = MOST_ROUNDS) -> Mace:
    """Probabilities of each item, and how far to trust each annotator.

    Finds who answers without looking. One who looks and errs counts as one who looks seldom.

    Parameters
    ----------
    rows : AnswerRows
    most_rounds : int
        Most passes over the answers.

    Source
    ------
    Hovy, Berg-Kirkpatrick, Vaswani, Hovy (2013), Learning whom to trust with MACE, NAACL, the model of figure 1.
    Differs: smoothed EM from the fractions of votes; theirs is variational and keeps the best of many random starts.

    Examples
    --------
    >>> rows = AnswerRows.of(np.repeat(np.arange(6), 3), np.tile([0, 1, 2], 6), np.array([0, 0, 1, 1, 1, 1] * 3))
    >>> mace(rows).trust.round(1)
    array([0.9, 0.9, 0.1])
    """
    k = rows.n_classes
    seen: AnswerCounts = rows.run(VotedAnswers.of(rows))
    trust, habits = np.full(rows.n_annotators, 0.5), np.full((rows.n_annotators, k), 1 / k)
    even, last = np.full(k, -np.log(k)), -np.inf
    for _ in range(most_rounds):
        trust, habits = _estimated(seen, trust, habits)
        seen = rows.run(ExpectedAnswers(rounded(np.log(_tables(trust, habits))), even))
        gain, last = seen.log_likelihood - last, seen.log_likelihood
        if gain < _SETTLED * len(rows.items):
            break
    sums = rows.run(ItemSums(rounded(np.log(_tables(trust, habits))), rows.n_items))
    return Mace(softmax(sums), trust, habits)


def _estimated(
    seen: AnswerCounts, trust: Figures, habits: npt.NDArray[np.float64]
) -> tuple[Figures, npt.NDArray[np.float64]]:
    """The M-step: right answers are divided into known and lucky ones; all others are habit."""
    right = np.einsum("mcc->mc", seen.answers)
    known = right * (trust[:, None] / (trust[:, None] + (1 - trust[:, None]) * habits))
    by_habit = np.maximum(seen.answers.sum(axis=2) - known, 0.0)
    given = seen.answers.sum(axis=(1, 2))
    new_habits = (by_habit + _SMOOTHING) / (by_habit + _SMOOTHING).sum(axis=1, keepdims=True)
    return (known.sum(axis=1) + _SMOOTHING) / (given + 2 * _SMOOTHING), new_habits


def _tables(trust: Figures, habits: npt.NDArray[np.float64]) -> Tables:
    k = habits.shape[1]
    by_habit = ((1 - trust)[:, None] * habits)[:, :, None]
    return np.maximum(by_habit + trust[:, None, None] * np.eye(k), _LEAST)
