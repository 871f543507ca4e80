"""The label that most annotators gave."""

from __future__ import annotations

import numpy as np

from dechaff.methods.consensus.answer_rows import AnswerRows, ItemSums, votes_of
from dechaff.typing import Probs


def majority_vote(rows: AnswerRows) -> Probs:
    """Fraction of the answers of each item that name each class; the majority is the largest.

    All annotators count the same, so a few diligent ones are outvoted by many careless ones.

    Parameters
    ----------
    rows : AnswerRows

    Returns
    -------
    (n, k) float, rows sum to 1; equal for all classes if an item has no answer.

    Source
    ------
    Condorcet (1785), Essai sur l'application de l'analyse.

    Examples
    --------
    >>> majority_vote(AnswerRows.of(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1, 1, 0])))
    array([[0., 1.],
           [1., 0.]])
    """
    return shares(rows.run(ItemSums(votes_of(rows.shape), rows.n_items)))


def shares(votes: Probs) -> Probs:
    """(n, k) votes as fractions of the votes of their row; equal ones if there is none."""
    total = votes.sum(axis=1, keepdims=True)
    return np.asarray((votes + (total == 0)) / (total + (total == 0) * votes.shape[1]))
