"""Annotators of whom each confuses classes in a way of their own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.answer_rows import (
    MOST_ROUNDS,
    AnswerCounts,
    AnswerRows,
    CrowdModel,
    Tables,
    expectation_maximization,
)
from dechaff.methods.consensus.one_coin import one_coin_tables
from dechaff.typing import Probs

_LEAST = 1e-10
"""Least probability of an answer or class."""


def dawid_skene(
    rows: AnswerRows, *, prior: Probs | None = None, pseudo_answers: float = 1.0, most_rounds: int = MOST_ROUNDS
) -> CrowdModel:
    """Probabilities of each item, and how each annotator answers to items of each class.

    Its decisions are good and its probabilities far too sure, because errors of annotators are not independent: hard
    items are hard for all.

    Parameters
    ----------
    rows : AnswerRows
    prior : (n, k) float, rows sum to 1
        Probabilities of the items before their answers, such as those of a model. Default: the frequencies of the
        classes, estimated with the rest.
    pseudo_answers : float, 0 or more
        Answers beside each annotator's own for each pair of classes, by their accuracy alone; 0 = as in the source.
    most_rounds : int
        Most passes over the answers.

    Source
    ------
    Dawid, Skene (1979), Applied Statistics 28, equations 2.3 to 2.5. Differs: in log space, and smoothed.

    Examples
    --------
    The third annotator takes every item for class 0, but for what is known of all annotators:

    >>> rows = AnswerRows.of(np.repeat(np.arange(4), 3), np.tile([0, 1, 2], 4), np.array([0, 0, 0, 1, 1, 0] * 2))
    >>> dawid_skene(rows).answers[2].round(2)
    array([[0.81, 0.69],
           [0.19, 0.31]])
    """
    fixed = None if prior is None else np.maximum(prior, _LEAST)

    def estimated(seen: AnswerCounts) -> tuple[Tables, npt.NDArray[np.float64]]:
        classes = np.maximum(seen.classes / max(seen.classes.sum(), 1.0), _LEAST)
        return confusion_tables(seen, pseudo_answers=pseudo_answers), classes if fixed is None else fixed

    return expectation_maximization(rows, estimated, most_rounds=most_rounds)


def confusion_tables(seen: AnswerCounts, *, pseudo_answers: float) -> Tables:
    """(m, k, k) probability of each answer by true class."""
    k = seen.answers.shape[1]
    counts = seen.answers + k * pseudo_answers * one_coin_tables(seen) if pseudo_answers else seen.answers
    counts = np.maximum(counts, _LEAST)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
