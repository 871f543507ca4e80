"""Which rows stand both in the training data and in the sealed test data; only inputs are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.methods.duplicates.near_texts import near_texts_across
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.near import Near
from dechaff.typing import Axes, Mask, Score, Texts

OtherMask = Annotated[npt.NDArray[np.bool_], Axes("m")]
NEAR_WEIGHT = 0.9
"""A nearly equal row comes after every equal one."""


@dataclass(frozen=True)
class Shared:
    """``score`` and ``partner`` are of the n training rows, ``in_test`` too; ``in_train`` is of the m test rows.

    The score is 1 for an equal test row, less for a nearly equal one, 0 for none; ``partner`` is the position of
    that test row, -1 for none. ``lender`` is the training row whose near copy this row is, where only that one was
    found in the test data, else -1. ``coincidences`` counts the training rows equal to a test row that are not taken
    for copies, because rows are equal by chance.
    """

    score: Score
    partner: npt.NDArray[np.int64]
    lender: npt.NDArray[np.int64]
    in_test: Mask
    in_train: OtherMask
    coincidences: int = 0


def nothing_shared(n_rows: int, n_test: int, coincidences: int = 0) -> Shared:
    """No row in both."""
    alone, test_alone = np.zeros(n_rows, dtype=bool), np.zeros(n_test, dtype=bool)
    none = np.full(n_rows, -1, dtype=np.int64)
    return Shared(np.zeros(n_rows), none, none, alone, test_alone, coincidences)


def equal_in_both(equal: Equal, n_rows: int) -> Shared:
    """Rows that are equal; test rows are numbered behind so many training rows."""
    found, lenders = equal.partner[:n_rows], np.full(n_rows, -1, dtype=np.int64)
    in_test = found >= 0
    partner = np.where(in_test, found - n_rows, -1)
    return Shared(in_test.astype(np.float64), partner, lenders, in_test, equal.partner[n_rows:] >= 0)


def with_near_texts(shared: Shared, texts: Texts, test_texts: Texts, near: Near) -> Shared:
    """The same, and rows whose texts are nearly the same; a group of near copies leaks as a whole."""
    score, partner, in_train = shared.score.copy(), shared.partner.copy(), shared.in_train.copy()
    lender = shared.lender.copy()
    pairs = near_texts_across(texts, test_texts)
    in_train[pairs.pairs[:, 1]] = True
    for (row, other), similarity in zip(pairs.pairs.tolist(), pairs.similarity.tolist(), strict=True):
        if NEAR_WEIGHT * similarity > score[row]:
            score[row], partner[row] = NEAR_WEIGHT * similarity, other
    rows, lenders = _copies_of_found(near, score)
    score[rows] = NEAR_WEIGHT * near.similarity[rows].clip(0.5, 1)
    partner[rows], lender[rows] = partner[lenders], lenders
    return Shared(score, partner, lender, score > 0, in_train)


def _copies_of_found(near: Near, score: Score) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows not found yet whose near group holds a row that was; and the best such row for each."""
    groups = near.whole
    found = np.flatnonzero((groups >= 0) & (score > 0))
    best = found[np.lexsort((-score[found], groups[found]))]
    numbers, first = np.unique(groups[best], return_index=True)
    rows = np.flatnonzero(np.isin(groups, numbers) & (score == 0))
    return rows, best[first[np.searchsorted(numbers, groups[rows])]]
