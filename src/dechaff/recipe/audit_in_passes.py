"""The recipe on files that exceed the memory limit: fit on a sample, then look at every row, out of core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from dechaff.data.columns.cells import texts
from dechaff.recipe.explore.column_findings import column_findings
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.look import check_test_file
from dechaff.recipe.improve.proposals import decide
from dechaff.recipe.outcome.examples_in_passes import evidence_of
from dechaff.recipe.outcome.facts import Checked, summary_in_passes
from dechaff.recipe.outcome.findings_writer import FindingsWriter
from dechaff.recipe.outcome.metrics import AuditSummary
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.outcome.run_writer import AuditOutcome, Piece
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.ids import RowIds
from dechaff.recipe.passes.pass_folder import PassFolder, audit_passes, fingerprint
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import OF_COLUMNS, SampleFit
from dechaff.recipe.passes.scan import Scanned, scan
from dechaff.recipe.passes.steps import CopiesOutcome, LookOutcome, Models, compare_rows, judge_by_models, look_at_rows
from dechaff.recipe.tasks.task import LabelsOutcome, Task
from dechaff.records.findings import Detection, RowNames, not_run_finding

T = TypeVar("T")
PROPOSING = ("L002", "L001", "P001", "P002", "D001", "D003", "D002", "L003", "C002")
"""In order of trust: what is known of a whole slice goes before what is known of one row."""
_SAID = ("looking", "copies", "labels", "columns")


@dataclass(frozen=True)
class AuditedInPasses:
    """What all passes found; the rows' own outcomes lie in the run folder."""

    context: AuditContext
    copies: CopiesOutcome
    summary: AuditSummary
    models: Models
    purpose: Task

    def outcome(self) -> AuditOutcome:
        """What was found, ready to be written."""
        context, read_plan = self.context, self.context.read_plan
        findings = [FindingsWriter(context.places.subfolder(f"said-{name}")) for name in _SAID]
        results = RowResults(context.store, FindingsWriter())
        return AuditOutcome(
            self.summary,
            findings,
            results,
            lambda: _pieces(context, self.copies.equal.of(context.store), results),
            lambda rows: evidence_of(read_plan, rows, context.parts, self.models.encoded),
            renamed=lambda examples: self.purpose.examples(examples, read_plan),
        )


def _pieces(context: AuditContext, equal: Equal, results: RowResults) -> Iterator[Piece]:
    """The training rows, block by block."""
    read_plan, seen, progress = context.read_plan, context.seen, context.request.progress
    names = np.array([*read_plan.sample.class_names, ""], dtype=object)
    progress("decisions", 0, read_plan.n_rows)
    for block in read_plan.blocks:
        span = slice(block.first_row, block.first_row + block.n_rows)
        places = np.flatnonzero(np.asarray(seen.trains[span]))
        if len(places):
            rows = places + block.first_row
            codes = np.asarray(seen.codes[rows], dtype=np.int64)
            keys = zip(seen.keys[rows].tolist(), equal.ordinals[rows].tolist(), strict=True)
            named = texts([f"{key:016x}:{ordinal}" for key, ordinal in keys])
            decided = decide(results.proposals(PROPOSING, span), block.n_rows).take(places)
            yield Piece(rows, RowNames(seen.ids.of(rows), named, names[codes]), codes, decided)
        progress("decisions", block.first_row + block.n_rows, read_plan.n_rows)


def audit_in_passes(request: AuditRequest, purpose: Task, options: Mapping[str, Any]) -> AuditedInPasses:
    """Every pass that was not finished before.

    Parameters
    ----------
    request : what was asked for.
    purpose : whether labels name classes, or mark positives.
    options : the same as plain values: passes that were finished for others are done anew.
    """
    tested = None if request.tested is None else request.tested.sha256
    places = audit_passes(request.folder, fingerprint((), sha256=request.sha256, tested=tested, **options))
    places.resume()

    def kept(name: str, form: type[T], work: Callable[[], T]) -> T:
        return places.outcome(name, form, work, request.progress)

    scanned = kept("reading", Scanned, lambda: _scan(request, positives=purpose.positives))
    read_plan = purpose.know(request, scanned)
    if request.tested is not None:
        check_test_file(read_plan, request.tested)
    sample_fit = kept("audit of the sample", SampleFit, lambda: purpose.look_at_sample(read_plan, request))
    context = AuditContext(
        request,
        read_plan,
        sample_fit,
        places,
        RowStore(places.subfolder("rows"), read_plan.n_rows),
        _ids(read_plan, places),
    )
    look = kept("looking at every row", LookOutcome, lambda: look_at_rows(context))
    copies = kept("comparing rows", CopiesOutcome, lambda: compare_rows(context, positives=purpose.positives))
    models = Models(context)
    kept("judging every row", bool, lambda: judge_by_models(context, models))
    labels = kept("labels", LabelsOutcome, lambda: purpose.judge(context, copies.equal.of(context.store)))
    summary = _summary(context, purpose, (look, copies, labels))
    return AuditedInPasses(context, copies, summary, models, purpose)


def _scan(request: AuditRequest, *, positives: bool) -> Scanned:
    return scan(
        request.source,
        request.roles,
        test_size=request.test_size,
        most=request.sample_rows,
        seed=request.seed,
        progress=request.progress,
        unlabelled_is_a_class=positives,
    )


def _ids(read_plan: ReadPlan, places: PassFolder) -> RowIds:
    if not read_plan.sample.id_name:
        return RowIds(None)
    return RowIds(places.subfolder("ids"), tuple(block.first_row for block in read_plan.blocks))


def _summary(
    context: AuditContext, purpose: Task, done: tuple[LookOutcome, CopiesOutcome, LabelsOutcome]
) -> AuditSummary:
    """What the report says; findings about columns and checks that were not run are written down here."""
    look, copies, labels = done
    not_run = {code: why for code, why in context.sample_fit.not_run.items() if code in OF_COLUMNS}
    not_run |= {**copies.not_run, **labels.not_run}
    results = context.results("columns")
    results.found(column_findings(context.read_plan, context.sample_fit, look.columns), context.ids.name)
    results.found(purpose.class_findings(context.read_plan), context.ids.name)
    results.found([not_run_finding(Detection(code, not_run=why)) for code, why in not_run.items()], context.ids.name)
    results.writer.flush()
    counts: Counter[str] = Counter()
    for one in (look.counts, copies.counts, labels.counts, results.writer.counts):
        counts.update(one)
    checked = Checked(dict(counts), not_run, look.test_rows)
    return summary_in_passes(context, look.columns, checked, labels, purpose)
