"""Votes that weigh as much as their annotator agrees with the majority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.consensus.answer_rows import AnswerCounts, AnswerRows, ItemSums, MajorityAnswers, rounded
from dechaff.methods.consensus.majority_vote import shares
from dechaff.typing import Figures, Probs


@dataclass(frozen=True)
class Wawa:
    """Weighted fractions of votes, and the weights."""

    posterior: Probs
    """(n, k) float, rows sum to 1."""
    skills: Figures
    """(m,) fraction of each annotator's answers that are the majority's."""


def wawa(rows: AnswerRows) -> Wawa:
    """Worker agreement with aggregate: each vote weighs as often as its annotator agrees with the majority.

    One round, so a majority of careless annotators is believed.

    Parameters
    ----------
    rows : AnswerRows

    Source
    ------
    Appen (formerly CrowdFlower, Figure Eight), worker agreement with aggregate; as ``Wawa`` in Ustalov, Pavlichenko,
    Tseitlin (2024), Learning from crowds with Crowd-Kit, JOSS 9. Differs: of equally frequent answers each counts
    in part as the majority, where theirs draws one.

    Examples
    --------
    >>> rows = AnswerRows.of(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2] * 2), np.array([1, 1, 0, 0, 0, 0]))
    >>> wawa(rows).skills
    array([1. , 1. , 0.5])
    """
    skills = _agreement(rows.run(MajorityAnswers.of(rows)))
    tables = rounded(skills[:, None, None] * np.eye(rows.n_classes))
    return Wawa(shares(rows.run(ItemSums(tables, rows.n_items))), skills)


def _agreement(seen: AnswerCounts) -> Figures:
    given = seen.answers.sum(axis=(1, 2))
    return np.asarray(np.einsum("mcc->m", seen.answers) / np.maximum(given, 1))
