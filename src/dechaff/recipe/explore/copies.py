"""Findings about equal and nearly equal rows among any number: D001 to D004 and L003, by hashes kept on disk."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from dechaff.core.identifying_columns import Identifier
from dechaff.core.table import Column
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Dataset
from dechaff.methods.duplicates.chance_repeats import ChanceRepeats
from dechaff.recipe.explore import leaks
from dechaff.recipe.explore.content_hashes import rows_in_content_order
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.explore import DETECTORS
from dechaff.recipe.explore.near import Near, nothing_near
from dechaff.recipe.explore.view import Shared, View, are_natural
from dechaff.recipe.improve.proposals import proposal_of
from dechaff.recipe.outcome.findings_writer import RowResults
from dechaff.recipe.passes.context import AuditContext
from dechaff.records.findings import Detection
from dechaff.typing import Groups, Rows

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
            work.results.add(leaks.rows_in_both(_leaking(work, rows)), rows, context.ids.name)
    if work.natural and found:
        chance = Shared.equal(sealed[:0], found)
        work.add_whole(leaks.rows_in_both(work.view(sealed[:0], test=context.read_plan.sample, shared=chance)))


def _leaking(work: CopyWork, rows: Rows) -> SomeRows:
    """A view of rows that equal test rows, and of these."""
    context, partner = work.context, np.asarray(work.equal.partner[rows])
    numbers = numbers_of_tests(context, partner)
    names = context.ids.of(partner) if context.request.tested is None else texts(list(map(str, numbers.tolist())))
    test_names = np.full(int(numbers.max()) + 1, "", dtype=object)
    test_names[numbers] = names
    return work.view(rows, test=replace(context.read_plan.sample, ids=test_names), shared=Shared.equal(numbers))


def numbers_of_tests(context: AuditContext, rows: Rows) -> Rows:
    """The places of some test rows, among those of the test file or those held out of the files."""
    if context.request.tested is not None:
        return rows - context.read_plan.n_rows
    return np.searchsorted(np.flatnonzero(~np.asarray(context.store.open("trains"))), rows)


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
