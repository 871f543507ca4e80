"""The recipe on files that exceed the memory limit: fit on a sample, then look at every row, out of core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from msgspec import structs

from dechaff.core.folds import USUAL_FOLDS
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Opened
from dechaff.recipe.audit import MOST_COLUMNS, dataset_facts, fit
from dechaff.recipe.baseline.scores import scores
from dechaff.recipe.explore.labels import rare_class_detection
from dechaff.recipe.explore.look import check_test_file, column_findings
from dechaff.recipe.improve.improve import Fitted
from dechaff.recipe.improve.proposals import decide
from dechaff.recipe.outcome.examples_in_passes import evidence_of
from dechaff.recipe.outcome.findings_writer import FindingsWriter
from dechaff.recipe.outcome.metrics import AuditSummary
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.outcome.run_writer import AuditOutcome, Piece
from dechaff.recipe.passes.context import AuditContext, RowIds
from dechaff.recipe.passes.memory import FEWEST_SAMPLED
from dechaff.recipe.passes.pass_folder import PassFolder, audit_passes, fingerprint
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import OF_COLUMNS, SampleFit, sample_fit_of
from dechaff.recipe.passes.scan import Scanned, scan
from dechaff.recipe.passes.steps import CopiesOutcome, LookOutcome, Models, compare_rows, judge_by_models, look_at_rows
from dechaff.recipe.tasks.task import LabelsOutcome, Task
from dechaff.records.findings import Detection, RowNames, not_run_finding
from dechaff.records.metrics import BaselineFacts, SampleFacts
from dechaff.records.record import Column

T = TypeVar("T")
PROPOSING = ("L002", "L001", "P001", "P002", "D001", "D003", "D002", "L003", "C002")
"""In order of trust: what is known of a whole slice goes before what is known of one row."""
_FOUND_BY = ("looking", "copies", "labels", "columns")
_IN_PASSES = (
    "These data were audited out of core. The models were fitted on a sample of {:,} of {:,} rows, and each row was "
    "predicted by one of five models that was not trained on it; copies share a fold. Noisy slices that contain only "
    "rows outside the sample are not found.",
    "Near duplicates between training and test rows were not searched for; exact ones were.",
)
_SMALL = (
    "The sample has only {:,} rows, because the rows are long and --memory allows no more. Models of few rows are "
    "weaker and find fewer wrong labels. A larger --memory samples more rows."
)


@dataclass(frozen=True)
class Planned:
    """An audit whose first pass is finished: how all rows are read, and the sample."""

    request: AuditRequest
    task: Task
    places: PassFolder
    read_plan: ReadPlan

    def kept(self, name: str, form: type[T], work: Callable[[], T]) -> T:
        """What a pass comes to: read where it is finished."""
        return self.places.outcome(name, form, work, self.request.progress)


def plan(request: AuditRequest, task: Task, options: Mapping[str, Any]) -> Planned:
    """The first pass, unless it was finished before.

    Parameters
    ----------
    request : what was asked for.
    task : whether labels name classes, or mark positives.
    options : the same as plain values: passes that were finished for others are done anew.
    """
    tested = () if request.tested is None else request.tested.files
    places = audit_passes(request.folder, fingerprint((*request.source.files, *tested), **options))
    places.resume()
    store, marks = RowStore(places.subfolder("rows"), request.source.n_rows), task.positives
    scanned = places.outcome(
        "reading", Scanned, lambda: scan(request, store, unlabelled_is_a_class=marks), request.progress
    )
    read_plan = task.know(request, scanned)
    if request.tested is not None:
        check_test_file(read_plan, request.tested)
    return Planned(request, task, places, read_plan)


def audit_in_passes(planned: Planned, fitted: Fitted | None = None) -> AuditOutcome:
    """Every pass that was not finished before, and what they found, ready to be written.

    `fitted` is what is fitted to the sample, if that is known already.
    """
    request, task, read_plan, kept = planned.request, planned.task, planned.read_plan, planned.kept
    sample_fit = kept("audit of the sample", SampleFit, lambda: _fit_sample(planned, fitted))
    store = RowStore(planned.places.subfolder("rows"), read_plan.n_rows)
    context = AuditContext(request, read_plan, sample_fit, planned.places, store, _ids(read_plan, planned.places))
    look = kept("looking at every row", LookOutcome, lambda: look_at_rows(context))
    copies = kept("comparing rows", CopiesOutcome, lambda: compare_rows(context, positives=task.positives))
    models, equal = Models(context), copies.equal.of(store)
    kept("judging every row", bool, lambda: judge_by_models(context, models))
    labels = kept("labels", LabelsOutcome, lambda: task.judge(context, equal))
    summary = _summary(context, task, (look, copies, labels))
    results = RowResults(store, FindingsWriter())
    return AuditOutcome(
        summary,
        [FindingsWriter(planned.places.subfolder(f"said-{name}")) for name in _FOUND_BY],
        results,
        lambda: _pieces(context, results),
        lambda rows: evidence_of(context, rows, models.encoded),
        renamed=lambda examples: task.examples(examples, read_plan.sample),
    )


def _fit_sample(planned: Planned, fitted: Fitted | None) -> SampleFit:
    request, sample = planned.request, planned.read_plan.sample
    if fitted is None:
        request.progress(f"audit of a sample of {len(sample):,} rows", 0, 0)
        fitted = fit(Opened(sample, None), planned.task, request)
    if fitted.stopped:
        raise KeyboardInterrupt
    return sample_fit_of(sample, fitted.explored.detections, fitted.base, fitted.slices, seed=request.seed)


def _pieces(context: AuditContext, results: RowResults) -> Iterator[Piece]:
    """The training rows, block by block."""
    read_plan, seen, progress = context.read_plan, context.seen, context.request.progress
    names = np.array([*read_plan.sample.class_names, ""], dtype=object)
    ordinals = context.store.open("ordinal")
    progress("decisions", 0, read_plan.n_rows)
    for block in read_plan.source.parts:
        span = slice(block.first_row, block.first_row + block.n_rows)
        places = np.flatnonzero(np.asarray(seen.trains[span]))
        if len(places):
            rows = places + block.first_row
            codes = np.asarray(seen.codes[rows], dtype=np.int64)
            keys = zip(seen.keys[rows].tolist(), ordinals[rows].tolist(), strict=True)
            named = texts([f"{key:016x}:{ordinal}" for key, ordinal in keys])
            decided = decide(results.proposals(PROPOSING, span), block.n_rows).take(places)
            yield Piece(rows, RowNames(seen.ids.of(rows), named, names[codes]), codes, decided)
        progress("decisions", block.first_row + block.n_rows, read_plan.n_rows)


def _ids(read_plan: ReadPlan, places: PassFolder) -> RowIds:
    if not read_plan.sample.id_name:
        return RowIds(None)
    return RowIds(places.subfolder("ids"), tuple(block.first_row for block in read_plan.source.parts))


def _summary(context: AuditContext, task: Task, done: tuple[LookOutcome, CopiesOutcome, LabelsOutcome]) -> AuditSummary:
    """The figures; findings about columns and checks that were not run are written down here."""
    (look, copies, labels), read_plan, sample_fit = done, context.read_plan, context.sample_fit
    not_run = {code: why for code, why in sample_fit.not_run.items() if code in OF_COLUMNS}
    not_run |= {**copies.not_run, **labels.not_run}
    results = context.results("columns")
    results.found(column_findings(read_plan, sample_fit, look.columns), context.ids.name)
    if "L004" in task.checks:
        rare = rare_class_detection(read_plan.sample.class_names, read_plan.class_counts)
        results.found(rare.findings, context.ids.name)
    results.found([not_run_finding(Detection(code, not_run=why)) for code, why in not_run.items()], context.ids.name)
    results.writer.flush()
    counts: Counter[str] = Counter()
    for one in (look.counts, copies.counts, labels.counts, results.writer.counts):
        counts.update(one)
    sample, rows = read_plan.sample, read_plan.n_rows - read_plan.n_test
    columns = tuple(
        Column(one.name, one.kind, look.columns[one.name].missing, look.columns[one.name].distinct)
        for one in sample.table.columns[:MOST_COLUMNS]
    )
    of_parts = ((part.codes, part.probs) for part in context.parts.parts())
    return AuditSummary(
        dataset=dataset_facts(sample, rows, read_plan.n_test + look.test_rows, columns, read_plan.class_counts),
        assumptions=sample.assumptions,
        checks=task.checks,
        counts=dict(counts),
        not_run=not_run,
        baseline=_baseline(sample_fit, scores(len(sample.class_names), of_parts)),
        labels=labels.labels,
        limits=(*sample_fit.notes, *_limits(sample_fit.rows, rows), *task.limits),
        positives=labels.positives,
        sample=SampleFacts(sample_fit.rows, rows),
    )


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _IN_PASSES] + few


def _baseline(sample_fit: SampleFit, found: BaselineFacts) -> BaselineFacts:
    """The model that judged the rows, scored on all of them; candidates as they met on the sample."""
    known = ("name", "candidates", "trusted", "reason", "knn_accuracy", "information")
    return structs.replace(found, folds=USUAL_FOLDS, **{name: getattr(sample_fit.base, name) for name in known})
