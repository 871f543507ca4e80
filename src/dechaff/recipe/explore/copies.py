"""Findings about equal and nearly equal rows among any number: D001 to D004 and L003, by hashes kept on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from dechaff.core.fold import Fold, R, S, folded
from dechaff.core.groups import Pairs, PairScore, group_pairs
from dechaff.core.identifying_columns import Identifier
from dechaff.core.row_hash import Hashes
from dechaff.core.table import Column
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Dataset
from dechaff.data.formats.part import FilePart
from dechaff.methods.duplicates.chance_repeats import ChanceRepeats
from dechaff.methods.duplicates.near_texts import near_texts_of
from dechaff.methods.duplicates.text_keys import KEY_TYPES, TextKeys
from dechaff.recipe.explore import leaks
from dechaff.recipe.explore.content_hashes import comparable_cells, first_hashes, rows_in_content_order
from dechaff.recipe.explore.duplicates import near_duplicates
from dechaff.recipe.explore.equal import MADE, Equal
from dechaff.recipe.explore.explore import DETECTORS, small_groups
from dechaff.recipe.explore.near import Near, either, near_groups, nothing_near, where_others_agree
from dechaff.recipe.explore.stored_records import near_stored_records
from dechaff.recipe.explore.view import Shared, View, are_natural, joined_text
from dechaff.recipe.improve.proposals import proposal_of
from dechaff.recipe.outcome.findings_writer import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.records.findings import Detection
from dechaff.typing import Chunk, Groups, Mask, Rows, Texts

_ROWS_AT_ONCE = 50_000
_OF_GROUPS = ("D001", "D003", "L003")
_MOST_BYTES = 2**27
"""Of keys, and again of texts, that are compared at a time."""


@dataclass(frozen=True)
class SomeRows(View):
    """A view of some of the rows; which of them are equal, and what that means, is already known."""

    compared: tuple[Column, ...] = ()
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    groups: Groups = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Of these rows, by their numbers among all rows."""
    repeats: ChanceRepeats = field(default_factory=lambda: ChanceRepeats(0.0, 0.0, 0))
    natural: bool = False
    near: Near = field(default_factory=lambda: nothing_near(0))
    shared: Shared = field(default_factory=lambda: Shared.equal(np.zeros(0, dtype=np.int64)))


@dataclass(frozen=True)
class CopyWork:
    """What findings about equal rows need, and where they are written."""

    context: AuditContext
    equal: Equal
    results: RowResults
    checks: Collection[str]
    """Codes of what is looked for."""
    drops: bool = True
    """Whether copies may be dropped: not where labels of positives are completed."""

    @cached_property
    def repeats(self) -> ChanceRepeats:
        """How many pairs are equal, and how many chance explains.

        Pairs by chance grow with the square of the rows, so those of the sample are scaled by that.
        """
        n, m = self.context.read_plan.n_train, self.context.sample_fit.rows
        expected = self.context.sample_fit.chance_pairs * (n * (n - 1.0)) / max(m * (m - 1.0), 1.0)
        return ChanceRepeats(self.equal.pairs, float(min(expected, self.equal.pairs)), self.equal.distinct)

    @cached_property
    def natural(self) -> bool:
        """Whether equal rows are no copies."""
        return are_natural(
            self.repeats, self.context.sample_fit.coincides, self.equal.groups, self.context.read_plan.n_train
        )

    def view(self, rows: Rows, **known: Any) -> SomeRows:
        """Some training rows, with what else is known about them."""
        return SomeRows(
            some_rows(self.context, rows),
            compared=self.context.read_plan.compared,
            identifiers={name: Identifier("codes", 1.0) for name in self.context.sample_fit.identifiers},
            groups=np.asarray(self.equal.groups[rows]),
            repeats=self.repeats,
            natural=self.natural,
            **known,
        )

    def add(self, found: Detection, rows: Rows) -> None:
        """Add the findings about some rows, and what is proposed for them."""
        self.results.add(found, rows, self.context.ids.name)
        self.results.propose(proposal_of(found, rows, self.context.request.policy, drops=self.drops), rows)

    def add_whole(self, found: Detection) -> None:
        """Add findings that are about no single row."""
        self.results.found(found.findings, self.context.ids.name)


def find_copies(work: CopyWork) -> None:
    """D001, D003 and L003 of all rows, by the same detectors as in memory."""
    detectors = {code: found for code, found in DETECTORS if code in _OF_GROUPS and code in work.checks}
    for code in detectors:
        work.results.begin(code, proposes=True)
    if work.natural:
        every = _all_rows(work)
        for code in [code for code in detectors if code != "L003"]:
            work.add_whole(detectors[code](every))
    for rows in () if work.natural else _whole_groups(work):
        rows = rows_in_content_order(work.context.store, rows)
        view = work.view(rows)
        for detector in detectors.values():
            work.add(detector(view), rows)
    for rows in _unlabelled_alone(work) if "L003" in detectors else ():
        work.add(detectors["L003"](work.view(rows)), rows)


def find_leaks(work: CopyWork) -> None:
    """D004: training rows that also stand among the sealed rows, of the files themselves or of a test file."""
    context, partners, found = work.context, work.equal.partner, 0
    work.results.begin("D004")
    trains = context.store.open("trains")
    sealed = np.flatnonzero(~np.asarray(trains))
    for span in context.store.spans():
        rows = np.flatnonzero((partners[span] != -1) & trains[span]) + span.start
        found += len(rows)
        if len(rows) and not work.natural:
            work.results.add(leaks.rows_in_both(_leaking(work, rows, sealed)), rows, context.ids.name)
    if work.natural and found:
        chance = Shared.equal(sealed[:0], found)
        work.add_whole(leaks.rows_in_both(work.view(sealed[:0], test=context.read_plan.sample, shared=chance)))


def _leaking(work: CopyWork, rows: Rows, sealed: Rows) -> SomeRows:
    """A view of rows that equal test rows, and of these."""
    context, partner = work.context, np.asarray(work.equal.partner[rows])
    if context.request.tested is not None:
        numbers = partner - context.read_plan.n_rows
        names = texts(list(map(str, numbers.tolist())))
    else:
        numbers, names = np.searchsorted(sealed, partner), context.ids.of(partner)
    test_names = np.full(int(numbers.max()) + 1, "", dtype=object)
    test_names[numbers] = names
    return work.view(rows, test=replace(context.read_plan.sample, ids=test_names), shared=Shared.equal(numbers))


def _whole_groups(work: CopyWork) -> Iterator[Rows]:
    """The rows that have copies, some groups at a time, no group cut; in the order of groups and rows."""
    rows = np.flatnonzero(np.asarray(work.equal.groups) >= 0)
    groups = np.asarray(work.equal.groups[rows])
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    start = 0
    for end in [*ends.tolist(), len(rows)]:
        if end - start >= _ROWS_AT_ONCE or (end == len(rows) and end > start):
            yield np.sort(rows[order[start:end]])
            start = end
            work.context.request.progress("copies", end, len(rows))


def _unlabelled_alone(work: CopyWork) -> Iterator[Rows]:
    """Training rows without a label, but for those whose groups speak for them."""
    trains, codes, groups = work.context.store.open("trains"), work.context.store.open("code"), work.equal.groups
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        span = slice(start, start + _ROWS_AT_ONCE)
        gone = np.asarray(trains[span]) & (codes[span] < 0) & (work.natural | (groups[span] < 0))
        if gone.any():
            yield np.flatnonzero(gone) + start


def _all_rows(work: CopyWork) -> SomeRows:
    """Labels of all training rows, without their ids, which are not needed here."""
    rows = np.flatnonzero(work.context.store.open("trains"))
    codes = np.asarray(work.context.store.open("code")[rows], dtype=np.int64)
    nameless = np.broadcast_to(np.array([""], dtype=object), (len(rows),))
    train = replace(work.context.read_plan.sample, codes=codes, ids=nameless, positions=rows)
    return replace(work.view(rows[:0]), train=train, groups=np.asarray(work.equal.groups[rows]))


def some_rows(context: AuditContext, rows: Rows) -> Dataset:
    """Labels and names of some rows, without their columns."""
    codes = np.asarray(context.store.open("code")[rows], dtype=np.int64)
    return context.read_plan.labelled(rows, codes, context.ids.of(rows))


def _texts_of(read_plan: ReadPlan, part: FilePart) -> tuple[Rows, Texts]:
    """Numbers of the training rows of one part, and their texts."""
    train = read_plan.train(part)
    texts = joined_text(train.table, read_plan.compared)
    assert texts is not None  # asked only where there is a text column
    return train.positions, texts


def _keys_of(read_plan: ReadPlan, part: FilePart) -> tuple[Rows, Chunk]:
    """Numbers of the same rows, and the keys of their texts by name."""
    rows, texts = _texts_of(read_plan, part)
    return rows, TextKeys().rows_and_state({"texts": texts})[0]


def _compared(store: RowStore, span: slice) -> Mask:
    """Training rows, but for those that were made from others."""
    trains = np.asarray(store.open("trains")[span])
    return trains & ~np.asarray(store.open(MADE)[span]) if store.has(MADE) else trains


def _cells_of(read_plan: ReadPlan, names: Sequence[str], where: tuple[FilePart, Rows]) -> Hashes:
    """(m, d) hashes of the cells of some columns, at some places of a part."""
    table = read_plan.rows_at(where).table
    return np.stack([first_hashes([comparable_cells(table[name])], len(table)) for name in names], axis=1)


def find_near_rows(work: CopyWork) -> Hashes:
    """D002 of all rows: pairs of units that near copies connect."""
    context = work.context
    has_text = any(column.kind == "text" for column in context.read_plan.compared)
    if work.natural and not has_text:  # if rows are equal by chance, near ones are even more so
        pairs, similarity = np.empty((0, 2), dtype=np.int64), np.empty(0)
    else:
        pairs, similarity = either(*([_near_texts(work)] if has_text else []), near_stored_records(context))
    hashes, low = context.store.open("hash"), context.store.open("hash_low")
    blank = ((hashes[pairs] == 0) & (low[pairs] == 0)).any(axis=1)
    rows, near = near_groups(
        pairs[~blank], similarity[~blank], work.equal, partial(rows_in_content_order, context.store)
    )
    work.results.begin("D002", proposes=True)
    # All rows of near groups at once: they are few, or no row is called a copy.
    some = np.flatnonzero(near.groups >= 0)
    few = Near(near.groups[some], near.whole[some], near.similarity[some], near.templates)
    work.add(near_duplicates(work.view(rows[some], near=few)), rows[some])
    # Near copies share a fold, unless a chain of them would be too much of the data.
    whole = group_pairs(small_groups(near.whole, context.read_plan.n_rows))
    return np.asarray(context.store.open("unit")[rows[whole]])


def _near_texts(work: CopyWork) -> tuple[Pairs, PairScore]:
    """Pairs of training rows whose texts are nearly the same, and most of whose other cells agree."""
    context, alone = work.context, work.context.read_plan.alone()
    columns = {name: context.store.make(f"key-{name}", kind) for name, kind in KEY_TYPES.items()}
    for _, (rows, keys) in context.over_parts(partial(_keys_of, alone), "keys of texts"):
        for name, column in columns.items():
            column[rows] = keys[name]

    def run_texts(fold: Fold[S, R]) -> R:
        found = context.over_parts(partial(_texts_of, alone), "near copies of texts")
        return fold.finalize(folded(fold, ({"row": rows, "texts": texts} for _, (rows, texts) in found)))

    def run_keys(fold: Fold[S, R]) -> R:
        kept = {name: f"key-{name}" for name in fold.columns if name != "row"}
        return context.store.fold(fold, kept, partial(_compared, context.store))

    found = near_texts_of(run_texts, run_keys, context.read_plan.n_rows, most_bytes=_MOST_BYTES)
    pairs, similarity = found.pairs, found.similarity
    others = [column.name for column in context.read_plan.compared if column.kind != "text"]
    if others and len(pairs):
        # The cells of these rows are read again.
        again = partial(context.request.over_rows, partial(_cells_of, alone, others))
        pairs, similarity = where_others_agree(pairs, similarity, lambda rows: np.concatenate(list(again(rows))))
    return pairs, similarity
