"""What can be done about rows that are probably labelled wrong before a model learns from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dechaff.estimators.clean.row_judgement import Judgement
from dechaff.typing import Labels, Mask, Numbers

LEAST_ROWS = 10
"""Of each class, the least doubted rows that always stay as they are, so that no class is lost."""
SURE = 0.8
"""A label is replaced where its successor is as probable as that; the bound of the recipe's balanced policy."""
_LEAST_WEIGHT = 1e-3
"""A row that is surely wrong still weighs something, since models refuse a weight of 0 or less."""


@dataclass(frozen=True)
class Treated:
    """n rows as a model is to learn them."""

    codes: Labels
    weights: Numbers
    """What each row counts for beside its own weight; 0 leaves it out."""

    def changes(self, codes: Labels) -> bool:
        """Whether anything is other than it was."""
        return bool((self.weights != 1).any() or (self.codes != codes).any())


Treatment = Callable[[Labels, Judgement, Numbers], Treated]
"""``treatment(codes, judgement, counts) -> Treated``; `counts` (n,) says how often each row counts."""


def correct(codes: Labels, judged: Judgement, counts: Numbers) -> Treated:
    """Flagged rows are given the label that is suggested where that is sure, and left out where only the error is.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, pruning. Differs: by the noise posterior, with sure suggestions taken, and
    some rows of each class stay.
    """
    doubted = _doubted(codes, judged, counts)
    sure = doubted & (judged.suggested_prob >= SURE)
    wrong = doubted & ~sure & (judged.score >= 0.5)
    return Treated(np.where(sure, judged.suggested, codes), np.where(wrong, 0.0, 1.0))


def weigh(codes: Labels, judged: Judgement, counts: Numbers) -> Treated:
    """Each row counts as much as its label is probable."""
    return Treated(codes, np.maximum(1 - judged.score, _LEAST_WEIGHT))


def weigh_within_classes(codes: Labels, judged: Judgement, counts: Numbers) -> Treated:
    """The same, but each class counts for as much in all as before.

    Else a class whose labels are doubted more than those of others would be predicted less often.
    """
    weights = weigh(codes, judged, counts).weights
    before, after = np.bincount(codes, counts), np.bincount(codes, weights * counts)
    return Treated(codes, weights * (before / np.maximum(after, np.finfo(float).tiny))[codes])


def _doubted(codes: Labels, judged: Judgement, counts: Numbers) -> Mask:
    """Flagged rows but for the least doubted of each class."""
    order = np.lexsort((judged.score, codes))
    sizes = np.bincount(codes)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    up_to = np.cumsum(counts[order])
    before = up_to - counts[order]
    rank = before - before[starts]
    # The score of the last row that stays; copies of it stay, too.
    stays = np.where(rank < LEAST_ROWS, judged.score[order], -np.inf)
    bound = np.full(len(sizes), -np.inf)
    np.maximum.at(bound, codes[order], stays)
    return np.asarray(judged.flag & (judged.score > bound[codes] + 1e-12))
