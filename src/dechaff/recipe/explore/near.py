"""Which training rows are nearly the same: by their text, their numbers, or the features that were passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.factorize import Codes, combine_codes
from dechaff.core.groups import Pairs, PairScore, connected_groups
from dechaff.core.kept_results import Arrays
from dechaff.core.table import Column
from dechaff.methods.duplicates.near_rows import near_rows
from dechaff.methods.duplicates.near_texts import near_texts
from dechaff.methods.duplicates.near_vectors import find_near_vectors
from dechaff.typing import Features, Groups, Mask, Score, Texts

OTHER_COLUMNS_AGREE = 0.8
"""Rows of one text are copies only where most of the other columns agree, too."""
MOSTLY_NEAR, MIN_DIFFERENT = 0.5, 50
"""Where more than half of the different rows (50 at least) have near copies, the data are made from templates."""
EMBEDDED = 32
"""Features from this number on are an embedding, where the angle tells; fewer are measurements."""


@dataclass(frozen=True)
class Near:
    """``groups`` of near rows, in which one row stands for its exact copies; ``whole`` ties all rows together.

    ``similarity`` is that of the closest pair of each row. ``templates`` is the share of different rows in near
    groups where that is too large for anything to be called a copy, and 0 otherwise. ``caveat`` says how they were
    found where some may have been missed.
    """

    groups: Groups
    whole: Groups
    similarity: Score
    templates: float = 0.0
    caveat: str = ""

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Near:
        """The same as it was kept by `arrays`."""
        groups, whole, similarity = (arrays[name] for name in ("groups", "whole", "similarity"))
        return cls(groups, whole, similarity, float(arrays["templates"]), str(arrays["caveat"]))

    def arrays(self) -> Arrays:
        """All of it, to be kept."""
        return {name: np.asarray(value) for name, value in vars(self).items()}


def nothing_near(n_rows: int, templates: float = 0.0) -> Near:
    """No row is near another one."""
    alone = np.full(n_rows, -1, dtype=np.int64)
    return Near(alone, alone, np.zeros(n_rows), templates)


def find_near(
    texts: Texts | None, features: Features | None, columns: Sequence[Column], coded: Sequence[Codes], blank: Mask
) -> Near:
    """Near rows of a data set: by text where there is one, else by given features, else by the columns."""
    n, caveat = len(blank), ""
    if texts is not None:
        pairs, similarity = _near_by_text(texts, columns, coded)
    elif features is not None and features.shape[1] >= EMBEDDED:
        found = find_near_vectors(features)
        pairs, similarity, caveat = found.pairs, found.cosine, found.caveat
    elif features is not None:
        pairs, similarity = near_rows(features, np.zeros(n, dtype=np.int64))
    else:
        pairs, similarity = near_rows(_numbers(columns, n), _others(columns, coded, n))
    kept = ~blank[pairs].any(axis=1)
    pairs, similarity = pairs[kept], similarity[kept]
    equal = combine_codes(coded, n)
    near = stand_ins(pairs, similarity, connected_groups(pairs, n), equal)
    different = len(np.unique(equal))
    share = float((near.groups >= 0).sum() / max(different, 1))
    if share > MOSTLY_NEAR and different >= MIN_DIFFERENT:
        return nothing_near(n, share)
    return replace(near, caveat=caveat)


def stand_ins(pairs: Pairs, similarity: PairScore, whole: Groups, equal: Codes) -> Near:
    """Leave one row for each exact copy, and only the groups in which two different rows are left."""
    n = len(whole)
    _, first, inverse = np.unique(equal, return_index=True, return_inverse=True)
    groups = np.where(first[inverse] == np.arange(n), whole, -1)
    left = np.bincount(groups[groups >= 0], minlength=int(whole.max(initial=-1)) + 1)
    alone = np.flatnonzero(groups >= 0)
    groups[alone[left[groups[alone]] < 2]] = -1
    closest = np.zeros(n)
    different = equal[pairs[:, 0]] != equal[pairs[:, 1]]
    for side in (0, 1):
        # A copy lends its similarity to the row that stands for it.
        np.maximum.at(closest, first[inverse[pairs[different, side]]], similarity[different])
    return Near(groups, whole, closest)


def _near_by_text(texts: Texts, columns: Sequence[Column], coded: Sequence[Codes]) -> tuple[Pairs, PairScore]:
    near = near_texts(texts)
    others = [code for column, code in zip(columns, coded, strict=True) if column.kind != "text"]
    if not others or len(near.pairs) == 0:
        return near.pairs, near.similarity
    agree = np.mean([code[near.pairs[:, 0]] == code[near.pairs[:, 1]] for code in others], axis=0)
    kept = agree >= OTHER_COLUMNS_AGREE
    return near.pairs[kept], near.similarity[kept]


def _numbers(columns: Sequence[Column], n_rows: int) -> npt.NDArray[np.float64]:
    numbers = [column.values for column in columns if column.kind in ("numeric", "datetime")]
    return np.stack(numbers, axis=1) if numbers else np.empty((n_rows, 0))


def _others(columns: Sequence[Column], coded: Sequence[Codes], n_rows: int) -> Codes:
    """One code a row over all columns that are not numbers."""
    pairs = zip(columns, coded, strict=True)
    return combine_codes([code for column, code in pairs if column.kind not in ("numeric", "datetime")], n_rows)
