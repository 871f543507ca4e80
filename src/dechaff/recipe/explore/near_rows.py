"""Rows that are nearly the same, among any number of rows: by the keys of their texts, kept on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.groups import group_pairs
from dechaff.core.row_hash import Hashes
from dechaff.data.formats.part import FilePart
from dechaff.methods.duplicates.near_texts import near_texts_of
from dechaff.methods.duplicates.shingles import BAND_NAMES, TextKeys
from dechaff.recipe.explore.content_hashes import comparable_cells, content_hashes
from dechaff.recipe.explore.copies import CopyWork
from dechaff.recipe.explore.duplicates import near_duplicates
from dechaff.recipe.explore.explore import small_groups
from dechaff.recipe.explore.near import Near, near_groups, where_others_agree
from dechaff.recipe.explore.view import joined_text
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.row_order import rows_in_content_order
from dechaff.typing import Chunk, Texts

NOT_IN_PASSES = "near copies are found by their texts if data are audited out of core, and there is no text column"
KEYS = ("content", "content_low", "words", *BAND_NAMES)
_MOST_BYTES = 2**27
"""Of keys, and again of texts, that are compared at a time."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NearOutcome:
    """Pairs of units that near copies connect; and why near copies were not searched, if they were not."""

    units: Hashes
    not_run: dict[str, str] = field(default_factory=dict)


def keep_text_keys(context: AuditContext) -> None:
    """One pass that leaves the keys of the texts of all training rows as row columns."""
    store = context.store
    columns = {name: store.make(f"key-{name}", np.int64 if name == "words" else np.uint64) for name in KEYS}
    for _, (rows, keys) in context.over_parts(KeysOfPart(TextsOfPart(context.read_plan.alone())), "keys of texts"):
        for name, column in columns.items():
            column[rows] = keys[name]


@dataclass(frozen=True)
class TextsOfPart:
    """The texts of the training rows of one part."""

    read_plan: ReadPlan

    def __call__(self, part: FilePart) -> tuple[Rows, Texts]:
        """Numbers of the rows, and their texts."""
        whole, sealed = self.read_plan.rows(part, part.read())
        train = whole.take(~sealed)
        texts = joined_text(train, self.read_plan.compared)
        assert texts is not None  # asked only where there is a text column
        return train.positions, texts


@dataclass(frozen=True)
class KeysOfPart:
    """The keys of the same texts."""

    texts: TextsOfPart

    def __call__(self, part: FilePart) -> tuple[Rows, Chunk]:
        """Numbers of the rows, and their keys by name."""
        rows, texts = self.texts(part)
        keys, _ = TextKeys().rows_and_state({"texts": texts})
        return rows, {name: keys[name] for name in KEYS}


@dataclass(frozen=True)
class CellHashes:
    """Hashes of the cells of some columns in some rows of a part."""

    read_plan: ReadPlan
    names: tuple[str, ...]

    def __call__(self, where: tuple[FilePart, Rows]) -> Hashes:
        """(m, d) those at some places of it."""
        part, places = where
        table = self.read_plan.rows(part, part.read())[0].table.take(places)
        columns = [comparable_cells(table[name]) for name in self.names]
        return np.stack([content_hashes([column], len(places))[:, 0] for column in columns], axis=1)


def find_near_rows(work: CopyWork) -> NearOutcome:
    """D002 of all rows, and the units that near copies connect."""
    context = work.context
    if not any(column.kind == "text" for column in context.read_plan.compared):
        none = np.empty((0, 2), dtype=np.uint64)
        return NearOutcome(none, {} if work.natural else {"D002": NOT_IN_PASSES})
    keep_text_keys(context)

    def run_texts(fold: Fold[S, R]) -> R:
        return fold.finalize(folded(fold, ({"row": rows, "texts": texts} for rows, texts in _texts(context))))

    def run_keys(fold: Fold[S, R]) -> R:
        return fold.finalize(folded(fold, _keys(context, fold.columns)))

    found = near_texts_of(run_texts, run_keys, context.read_plan.n_rows, most_bytes=_MOST_BYTES)
    pairs, similarity = found.pairs, found.similarity
    others = [column.name for column in context.read_plan.compared if column.kind != "text"]
    if others and len(pairs):
        pairs, similarity = where_others_agree(pairs, similarity, lambda rows: _cells_of(context, rows, others))
    rows, near = near_groups(pairs, similarity, work.equal, partial(rows_in_content_order, context.store))
    work.results.begin("D002", proposes=True)
    # All rows of near groups at once: they are few, or no row is called a copy.
    some = np.flatnonzero(near.groups >= 0)
    few = Near(near.groups[some], near.whole[some], near.similarity[some], near.templates)
    work.add(near_duplicates(work.view(rows[some], near=few)), rows[some])
    # Near copies share a fold, unless a chain of them would be too much of the data.
    whole = group_pairs(small_groups(near.whole, context.read_plan.n_rows))
    return NearOutcome(np.asarray(context.seen.units[rows[whole]]))


def _texts(context: AuditContext) -> Iterator[tuple[Rows, Texts]]:
    """The texts of the training rows, part by part."""
    for _, found in context.over_parts(TextsOfPart(context.read_plan.alone()), "near copies of texts"):
        yield found


def _keys(context: AuditContext, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The keys of the training rows, in pieces."""
    kept = {name: context.store.open(f"key-{name}") for name in columns if name != "row"}
    trains = context.store.open("trains")
    for span in context.store.spans():
        some = np.flatnonzero(trains[span])
        yield {**{name: np.asarray(column[span])[some] for name, column in kept.items()}, "row": some + span.start}


def _cells_of(context: AuditContext, rows: Rows, names: Sequence[str]) -> Hashes:
    """(m, d) a hash of the cells of some columns in some rows, read again."""
    hashes = context.request.over_rows(CellHashes(context.read_plan.alone(), tuple(names)), rows)
    return np.concatenate([np.zeros((0, len(names)), dtype=np.uint64), *hashes])
