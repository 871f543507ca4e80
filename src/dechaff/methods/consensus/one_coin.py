"""Annotators of whom each is right with a probability of their own, and otherwise names any other class."""

from __future__ import annotations

import numpy as np

from dechaff.methods.consensus.answer_rows import (
    AnswerCounts,
    AnswerRows,
    CrowdModel,
    Tables,
    expectation_maximization,
)

_PSEUDO_ANSWERS = 2.0
"""Answers of a usual annotator that each one is given beside their own."""
_FAR = 1e-6
"""Least probability of a right or of a wrong answer."""


def one_coin(rows: AnswerRows) -> CrowdModel:
    """Probabilities of each item, and the accuracy of each annotator on the diagonals of ``answers``.

    One number an annotator can be estimated from few answers; it does not tell classes apart. Classes count as
    equally frequent.

    Parameters
    ----------
    rows : AnswerRows

    Source
    ------
    Zhang, Chen, Zhou, Jordan (2016), JMLR 17, Spectral methods meet EM, one-coin model. Differs: two more answers of
    usual accuracy smooth each annotator's, and EM starts from the fractions of votes.

    Examples
    --------
    >>> rows = AnswerRows.of(np.repeat(np.arange(4), 3), np.tile([0, 1, 2], 4), np.array([0, 0, 1, 1, 1, 0] * 2))
    >>> one_coin(rows).answers[:, 0, 0].round(1)
    array([0.9, 0.9, 0.2])
    """
    even = np.full(rows.n_classes, 1 / rows.n_classes)
    return expectation_maximization(rows, lambda seen: (one_coin_tables(seen), even))


def one_coin_tables(seen: AnswerCounts) -> Tables:
    """(m, k, k) probability of each answer by true class, from the number of right answers of each annotator."""
    m, k, _ = seen.answers.shape
    right, given = np.einsum("mcc->m", seen.answers), seen.answers.sum(axis=(1, 2))
    usual = right.sum() / max(given.sum(), 1.0)
    accuracy = np.clip((right + _PSEUDO_ANSWERS * usual) / (given + _PSEUDO_ANSWERS), _FAR, 1 - _FAR)
    tables = np.broadcast_to(((1 - accuracy) / (k - 1))[:, None, None], (m, k, k)).copy()
    tables[:, np.arange(k), np.arange(k)] = accuracy[:, None]
    return tables
