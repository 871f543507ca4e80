"""Rows that are nearly the same, among any number of rows: by the keys of their texts, kept on disk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.groups import group_pairs
from dechaff.core.row_hash import Hashes
from dechaff.data.formats.part import FilePart
from dechaff.methods.duplicates.near_texts import near_texts_of
from dechaff.methods.duplicates.shingles import BAND_NAMES, TextKeys
from dechaff.recipe.explore.content_hashes import comparable_cells, content_hashes, rows_in_content_order
from dechaff.recipe.explore.copies import CopyWork
from dechaff.recipe.explore.duplicates import near_duplicates
from dechaff.recipe.explore.explore import small_groups
from dechaff.recipe.explore.near import Near, near_groups, where_others_agree
from dechaff.recipe.explore.view import joined_text
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.typing import Chunk, Texts

NOT_OUT_OF_CORE = "near copies are found by their texts if data are audited out of core, and there is no text column"
KEYS = ("content", "content_low", "words", *BAND_NAMES)
_MOST_BYTES = 2**27
"""Of keys, and again of texts, that are compared at a time."""
Rows = npt.NDArray[np.int64]


def _texts_of(read_plan: ReadPlan, part: FilePart) -> tuple[Rows, Texts]:
    """Numbers of the training rows of one part, and their texts."""
    train = read_plan.train(part)
    texts = joined_text(train, read_plan.compared)
    assert texts is not None  # asked only where there is a text column
    return train.positions, texts


def _keys_of(read_plan: ReadPlan, part: FilePart) -> tuple[Rows, Chunk]:
    """Numbers of the same rows, and the keys of their texts by name."""
    rows, texts = _texts_of(read_plan, part)
    keys, _ = TextKeys().rows_and_state({"texts": texts})
    return rows, {name: keys[name] for name in KEYS}


def _cells_of(read_plan: ReadPlan, names: Sequence[str], where: tuple[FilePart, Rows]) -> Hashes:
    """(m, d) hashes of the cells of some columns, at some places of a part."""
    table = read_plan.rows_at(where).table
    return np.stack([content_hashes([comparable_cells(table[name])], len(table))[:, 0] for name in names], axis=1)


def find_near_rows(work: CopyWork) -> tuple[Hashes, dict[str, str]]:
    """D002 of all rows: pairs of units that near copies connect; why they were not searched, if they were not."""
    context, alone = work.context, work.context.read_plan.alone()
    if not any(column.kind == "text" for column in context.read_plan.compared):
        return np.empty((0, 2), dtype=np.uint64), {} if work.natural else {"D002": NOT_OUT_OF_CORE}
    columns = {name: context.store.make(f"key-{name}", np.int64 if name == "words" else np.uint64) for name in KEYS}
    for _, (rows, keys) in context.over_parts(partial(_keys_of, alone), "keys of texts"):
        for name, column in columns.items():
            column[rows] = keys[name]

    def run_texts(fold: Fold[S, R]) -> R:
        found = context.over_parts(partial(_texts_of, alone), "near copies of texts")
        return fold.finalize(folded(fold, ({"row": rows, "texts": texts} for _, (rows, texts) in found)))

    def run_keys(fold: Fold[S, R]) -> R:
        kept = {name: f"key-{name}" for name in fold.columns if name != "row"}
        return context.store.fold(fold, kept, lambda span: np.asarray(context.store.open("trains")[span]))

    found = near_texts_of(run_texts, run_keys, context.read_plan.n_rows, most_bytes=_MOST_BYTES)
    pairs, similarity = found.pairs, found.similarity
    others = [column.name for column in context.read_plan.compared if column.kind != "text"]
    if others and len(pairs):
        # The cells of these rows are read again.
        again = partial(context.request.over_rows, partial(_cells_of, alone, others))
        pairs, similarity = where_others_agree(pairs, similarity, lambda rows: np.concatenate(list(again(rows))))
    rows, near = near_groups(pairs, similarity, work.equal, partial(rows_in_content_order, context.store))
    work.results.begin("D002", proposes=True)
    # All rows of near groups at once: they are few, or no row is called a copy.
    some = np.flatnonzero(near.groups >= 0)
    few = Near(near.groups[some], near.whole[some], near.similarity[some], near.templates)
    work.add(near_duplicates(work.view(rows[some], near=few)), rows[some])
    # Near copies share a fold, unless a chain of them would be too much of the data.
    whole = group_pairs(small_groups(near.whole, context.read_plan.n_rows))
    return np.asarray(context.store.open("unit")[rows[whole]]), {}
