"""Findings about equal rows: D001, D003, L003 and D004, a few thousand groups at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Dataset
from dechaff.methods.duplicates.chance_repeats import ChanceRepeats
from dechaff.methods.features.identifiers import Identifier
from dechaff.recipe.explore import duplicates, labels, leaks
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.near import Near, nothing_near
from dechaff.recipe.explore.shared import Shared, nothing_shared
from dechaff.recipe.explore.view import View, are_natural
from dechaff.recipe.improve.proposals import DROP, REVIEW, Proposal, proposal_of
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.passes.ids import RowsSeen
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.row_order import rows_in_content_order
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.records.findings import Detection
from dechaff.typing import Groups

_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class SomeRows(View):
    """A view of some of the rows, of which it is known already which ones are equal, and what that means."""

    compared: tuple[Column, ...] = ()
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    groups: Groups = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Of these rows, by their numbers among all rows."""
    repeats: ChanceRepeats = field(default_factory=lambda: ChanceRepeats(0.0, 0.0, 0))
    natural: bool = False
    near: Near = field(default_factory=lambda: nothing_near(0))
    shared: Shared = field(default_factory=lambda: nothing_shared(0, 0))


def repeats_of(read_plan: ReadPlan, sample_fit: SampleFit, equal: Equal) -> tuple[ChanceRepeats, bool]:
    """How many pairs are equal, how many chance explains, and whether equal rows are copies.

    Pairs by chance grow with the square of the rows, so those of the sample are scaled by that.
    """
    n, m = read_plan.n_rows - read_plan.n_test, sample_fit.rows
    expected = sample_fit.chance_pairs * (n * (n - 1.0)) / max(m * (m - 1.0), 1.0)
    repeats = ChanceRepeats(equal.pairs, float(min(expected, equal.pairs)), equal.distinct)
    return repeats, are_natural(repeats, sample_fit.coincides, equal.groups, n)


def find_copies(work: CopyWork) -> None:
    """D001, D003 and L003 of all rows, and D004 where test rows are sealed."""
    read_plan, seen, equal, results = work.read_plan, work.seen, work.equal, work.results
    repeats, natural = repeats_of(read_plan, work.sample_fit, equal)
    base = SomeRows(
        read_plan.sample, repeats=repeats, natural=natural, compared=read_plan.compared,
        identifiers={name: Identifier("codes", 1.0) for name in work.sample_fit.identifiers},
    )  # fmt: skip
    for code in ("D001",) if work.positives else ("D001", "D003", "L003"):
        results.begin(code, proposes=True)
    if natural:
        train = _all_rows(read_plan, seen)
        every = replace(base, train=train, groups=np.asarray(equal.groups[train.positions]))
        results.found(duplicates.exact_duplicates(every).findings, seen.ids.name)
        if not work.positives:
            results.found(duplicates.conflicting_labels(every).findings, seen.ids.name)
    for rows in () if natural else _groups_with_progress(work):
        rows = rows_in_content_order(results.store, rows)
        view = replace(base, train=some_rows(read_plan, seen, rows), groups=np.asarray(equal.groups[rows]))
        copies = duplicates.exact_duplicates(view)
        results.add(copies, rows, seen.ids.name)
        results.propose(work.proposed(copies, rows), rows)
        if not work.positives:
            _conflicts(view, rows, work)
            _unlabelled(view, rows, work)
    for rows in () if work.positives else _unlabelled_alone(seen, equal, natural=natural):
        alone = np.full(len(rows), -1, dtype=np.int64)
        _unlabelled(replace(base, train=some_rows(read_plan, seen, rows), groups=alone), rows, work)


@dataclass(frozen=True)
class CopyWork:
    """Everything that findings about equal rows need."""

    read_plan: ReadPlan
    sample_fit: SampleFit
    seen: RowsSeen
    equal: Equal
    results: RowResults
    request: AuditRequest
    positives: bool = False
    """Whether rows are labelled positive or not at all: labels are completed then, and no row is dropped."""

    def proposed(self, copies: Detection, rows: npt.NDArray[np.int64]) -> Proposal:
        """What is proposed for copies, exact or near ones."""
        if self.positives:
            return proposal_of(copies, spare_first=rows)
        if copies.code != "D001":
            return proposal_of(copies)
        return proposal_of(copies, DROP if self.request.policy.acts else REVIEW, spare_first=rows)


def find_leaks(work: CopyWork, *, of_file: bool) -> None:
    """D004: training rows that also stand among the sealed rows, of the files themselves or of a test file."""
    read_plan, seen, equal, results = work.read_plan, work.seen, work.equal, work.results
    repeats, natural = repeats_of(read_plan, work.sample_fit, equal)
    base = SomeRows(read_plan.sample, repeats=repeats, natural=natural, compared=read_plan.compared)
    results.begin("D004")
    sealed = np.flatnonzero(~np.asarray(seen.trains))
    found = 0
    for span in results.store.spans():
        rows = np.flatnonzero((equal.partner[span] != -1) & seen.trains[span]) + span.start
        found += len(rows)
        if len(rows) and not natural:
            view = _leaking(base, work, rows, sealed, of_file)
            results.add(leaks.rows_in_both(view), rows, seen.ids.name)
    if natural and found:
        nothing = nothing_shared(0, 0, found)
        view = replace(base, train=some_rows(read_plan, seen, sealed[:0]), test=read_plan.sample, shared=nothing)
        results.found(leaks.rows_in_both(view).findings, seen.ids.name)


def _leaking(
    base: SomeRows, work: CopyWork, rows: npt.NDArray[np.int64], sealed: npt.NDArray[np.int64], of_file: bool
) -> SomeRows:
    """A view of rows that equal test rows, and of these."""
    partner = np.asarray(work.equal.partner[rows])
    if of_file:
        numbers = partner - work.read_plan.n_rows
        names = texts(list(map(str, numbers.tolist())))
    else:
        numbers, names = np.searchsorted(sealed, partner), work.seen.ids.of(partner)
    test_names = np.full(int(numbers.max()) + 1, "", dtype=object)
    test_names[numbers] = names
    in_test = np.ones(len(rows), dtype=bool)
    both = Shared(np.ones(len(rows)), numbers, np.full(len(rows), -1, dtype=np.int64), in_test, in_test[:0])
    test = replace(work.read_plan.sample, ids=test_names)
    return replace(base, train=some_rows(work.read_plan, work.seen, rows), test=test, shared=both)


def _conflicts(view: SomeRows, rows: npt.NDArray[np.int64], work: CopyWork) -> None:
    conflicts = duplicates.conflicting_labels(view)
    work.results.add(conflicts, rows, work.seen.ids.name)
    work.results.propose(proposal_of(conflicts), rows)


def _unlabelled(view: SomeRows, rows: npt.NDArray[np.int64], work: CopyWork) -> None:
    if (view.train.codes < 0).any():
        gone = labels.missing_labels(view)
        work.results.add(gone, rows, work.seen.ids.name)
        work.results.propose(proposal_of(gone), rows)


def _groups_with_progress(work: CopyWork) -> Iterator[npt.NDArray[np.int64]]:
    """`whole_groups`; tells how many of the rows that have copies are finished."""
    done, total = 0, int((np.asarray(work.equal.groups) >= 0).sum())
    for rows in whole_groups(work.equal):
        yield rows
        done += len(rows)
        work.request.progress("copies", done, total)


def whole_groups(equal: Equal) -> Iterator[npt.NDArray[np.int64]]:
    """The rows that have copies, some groups at a time, no group cut; in the order of groups and rows."""
    rows = np.flatnonzero(np.asarray(equal.groups) >= 0)
    groups = np.asarray(equal.groups[rows])
    order = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[order])) + 1
    start = 0
    for end in [*ends.tolist(), len(rows)]:
        if end - start >= _ROWS_AT_ONCE or (end == len(rows) and end > start):
            yield np.sort(rows[order[start:end]])
            start = end


def _unlabelled_alone(seen: RowsSeen, equal: Equal, *, natural: bool) -> Iterator[npt.NDArray[np.int64]]:
    """Training rows without a label, but for those whose groups speak for them."""
    for start in range(0, len(seen.codes), _ROWS_AT_ONCE):
        span = slice(start, start + _ROWS_AT_ONCE)
        gone = np.asarray(seen.trains[span]) & (seen.codes[span] < 0)
        yield np.flatnonzero(gone & (natural | (equal.groups[span] < 0))) + start


def _all_rows(read_plan: ReadPlan, seen: RowsSeen) -> Dataset:
    """Labels of all training rows, without their ids, which are not needed here."""
    rows = np.flatnonzero(np.asarray(seen.trains))
    nameless = np.broadcast_to(np.array([""], dtype=object), (len(rows),))
    return replace(read_plan.sample, codes=np.asarray(seen.codes[rows], dtype=np.int64), ids=nameless, positions=rows)


def some_rows(read_plan: ReadPlan, seen: RowsSeen, rows: npt.NDArray[np.int64]) -> Dataset:
    """Labels and names of some rows, without their columns."""
    return replace(
        read_plan.sample,
        codes=np.asarray(seen.codes[rows], dtype=np.int64),
        ids=seen.ids.of(rows),
        keys=np.full(len(rows), "", dtype=object),
        positions=rows,
        groups=np.full(len(rows), -1, dtype=np.int64),
    )
