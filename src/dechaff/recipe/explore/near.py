"""Which training rows are nearly the same: by their text, their numbers, or the features that were passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes, combine_codes
from dechaff.core.groups import Pairs, PairScore, connected_groups
from dechaff.core.kept_results import Arrays
from dechaff.core.table import Column
from dechaff.core.words import mean_words
from dechaff.methods.duplicates.near_records import near_records
from dechaff.methods.duplicates.near_rows import near_rows, near_vectors
from dechaff.methods.duplicates.near_texts import near_texts
from dechaff.recipe.explore.equal import Equal
from dechaff.typing import Features, Groups, Mask, Rows, Score, Texts

OTHER_COLUMNS_AGREE = 0.8
"""Rows of one text are copies only if most of the other columns agree, too."""
MOSTLY_NEAR, MIN_DIFFERENT = 0.5, 50
"""If more than half of the distinct rows (at least 50) have near copies, the data are made from templates."""
EMBEDDED = 32
"""Features from this number on are an embedding, where the angle tells; fewer are measurements."""
SHORT_TEXT = 8.0
"""Texts of at most this many words, on average, are compared as cells of a record, too: names, addresses, titles."""
NUMBERS = ("numeric", "datetime")
"""Kinds of columns that are compared as numbers."""


@dataclass(frozen=True)
class Near:
    """``groups`` of near rows, in which one row stands for its exact copies; ``whole`` ties all rows together.

    ``similarity`` is that of the closest pair of each row. ``templates`` is the fraction of different rows in near
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
    groups, whole = np.full((2, n_rows), -1, dtype=np.int64)
    return Near(groups, whole, np.zeros(n_rows), templates)


def within(near: Near, rows: Rows, n_rows: int) -> Near:
    """What was found among some rows, for all rows: no other one is near any."""
    whole = nothing_near(n_rows)
    for some, local in ((whole.groups, near.groups), (whole.whole, near.whole), (whole.similarity, near.similarity)):
        some[rows] = local
    return replace(whole, templates=near.templates, caveat="" if near.templates else near.caveat)


def find_near(
    texts: Texts | None,
    features: Features | None,
    columns: Sequence[Column],
    coded: Sequence[Codes],
    blank: Mask,
    equal: Equal,
) -> Near:
    """Near rows of a data set: by text where there is one, else by given features, else by the columns."""
    n, caveat = len(blank), ""
    if texts is not None:
        found = near_texts(texts)
        pairs, similarity = found.pairs, found.similarity
        others = [codes for column, codes in zip(columns, coded, strict=True) if column.kind != "text"]
        if others:
            pairs, similarity = where_others_agree(
                pairs, similarity, lambda rows: np.stack([codes[rows] for codes in others], axis=1)
            )
        pairs, similarity = either((pairs, similarity), _near_records(columns))
    elif features is not None and features.shape[1] >= EMBEDDED:
        vectors = near_vectors(features)
        pairs, similarity, caveat = vectors.pairs, vectors.cosine, vectors.caveat
    elif features is not None:
        pairs, similarity = either(near_rows(features, np.zeros(n, dtype=np.int64)), near_records(list(features.T)))
    else:
        numbers = near_rows(numbers_of(columns, n), _others(columns, coded, n))
        pairs, similarity = either(numbers, _near_records(columns))
    kept = ~blank[pairs].any(axis=1)
    rows, near = near_groups(pairs[kept], similarity[kept], equal)
    return within(replace(near, caveat=caveat), rows, n)


def _near_records(columns: Sequence[Column]) -> tuple[Pairs, PairScore]:
    fields = fields_of(columns)
    return near_records(fields, [column.value_codes for column in columns] if fields else None)


def fields_of(columns: Sequence[Column]) -> list[npt.NDArray[Any]]:
    """The cells that are compared one by one; none if there are images or longer texts, which tell rows better."""
    if any(_is_long(column) for column in columns):
        return []
    return [column.values for column in columns]


def _is_long(column: Column) -> bool:
    return column.kind == "image" or (column.kind == "text" and mean_words(column.values.tolist()) > SHORT_TEXT)


def either(*found: tuple[Pairs, PairScore]) -> tuple[Pairs, PairScore]:
    """The pairs of all searches, each once, with the largest similarity that is said of it."""
    pairs, place = np.unique(np.concatenate([pairs for pairs, _ in found]), axis=0, return_inverse=True)
    similarity = np.zeros(len(pairs))
    np.maximum.at(similarity, place.reshape(-1), np.concatenate([scores for _, scores in found]))
    return pairs, similarity


def where_others_agree(
    pairs: Pairs, similarity: PairScore, cells_of: Callable[[Rows], npt.NDArray[Any]]
) -> tuple[Pairs, PairScore]:
    """The pairs in which most of the columns beside the texts agree, too.

    `cells_of` gives, for some rows in ascending order, one line of numbers that are equal where cells are.
    """
    rows = np.unique(pairs)
    cells = cells_of(rows)
    left, right = (cells[np.searchsorted(rows, pairs[:, side])] for side in (0, 1))
    kept = (left == right).mean(axis=1) >= OTHER_COLUMNS_AGREE
    return pairs[kept], similarity[kept]


def near_groups(
    pairs: Pairs, similarity: PairScore, equal: Equal, in_order: Callable[[Rows], Rows] = lambda rows: rows
) -> tuple[Rows, Near]:
    """The rows that are in any pair, and the groups of them.

    Parameters
    ----------
    pairs, similarity : of nearly equal rows.
    equal : which of all rows are equal.
    in_order : sorts rows, for the numbers of groups and the row that stands for its copies.
    """
    numbers = np.unique(pairs)
    rows = in_order(numbers)
    place = np.empty(len(rows), dtype=np.int64)
    place[np.searchsorted(numbers, rows)] = np.arange(len(rows))
    local: Pairs = np.sort(place[np.searchsorted(numbers, pairs)], axis=1)
    codes = np.asarray(equal.groups[rows])
    alone = np.flatnonzero(codes < 0)
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(len(alone))
    near = stand_ins(local, similarity, connected_groups(local, len(rows)), codes)
    share = float((near.groups >= 0).sum() / max(equal.distinct, 1))
    if share > MOSTLY_NEAR and equal.distinct >= MIN_DIFFERENT:
        near = nothing_near(len(rows), share)
    return rows, near


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


def numbers_of(columns: Sequence[Column], n_rows: int) -> npt.NDArray[np.float64]:
    """(n, d) the columns that are numbers."""
    numbers = [column.values for column in columns if column.kind in NUMBERS]
    return np.stack(numbers, axis=1) if numbers else np.empty((n_rows, 0))


def _others(columns: Sequence[Column], coded: Sequence[Codes], n_rows: int) -> Codes:
    """One code a row over all columns that are not numbers."""
    pairs = zip(columns, coded, strict=True)
    return combine_codes([code for column, code in pairs if column.kind not in NUMBERS], n_rows)
