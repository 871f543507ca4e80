"""The recipe on files that exceed the memory limit: fit on a sample, then look at every row, out of core.

A sample of all rows never comes here: it is audited as data in memory are. The passes would take a third more time for
what `fit` has found already, and one model per fold judges labels less well than the panel that `fit` trains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from msgspec import structs

from dechaff.core.folds import USUAL_FOLDS, unit_folds
from dechaff.core.groups import UnionFind
from dechaff.core.kept_results import results_kept_by
from dechaff.core.row_hash import Hashes
from dechaff.data.columns.cells import texts
from dechaff.data.dataset import Opened
from dechaff.recipe.audit import audit_metrics, dataset_facts, fit
from dechaff.recipe.baseline.baseline import NO_MODEL
from dechaff.recipe.baseline.fold_models import Models, predict
from dechaff.recipe.baseline.on_test_rows import agreement_on_tests
from dechaff.recipe.baseline.race import scores
from dechaff.recipe.explore.column_counts import column_facts
from dechaff.recipe.explore.content_hashes import rows_in_content_order
from dechaff.recipe.explore.copies import CopyWork, find_copies, find_leaks
from dechaff.recipe.explore.drift_out_of_core import DriftOutcome, compare_samples
from dechaff.recipe.explore.equal import Equal, find_equal, number_keys
from dechaff.recipe.explore.families import FAMILY, PARENT, mark_made
from dechaff.recipe.explore.labels import rare_class_detection, spelling_detection
from dechaff.recipe.explore.look import LookOutcome, check_test_file, column_findings, look, sealed_parts
from dechaff.recipe.explore.near_out_of_core import find_near_leaks, find_near_rows
from dechaff.recipe.improve.improve import Fitted
from dechaff.recipe.improve.proposals import decide, spelling_proposal
from dechaff.recipe.outcome.examples import sources_of
from dechaff.recipe.outcome.findings_writer import FindingsWriter, RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.outcome.run_writer import AuditOutcome, Piece
from dechaff.recipe.passes.context import AuditContext, RowIds
from dechaff.recipe.passes.memory import FEWEST_SAMPLED
from dechaff.recipe.passes.pass_folder import PassFolder, audit_passes, fingerprint
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import OF_COLUMNS, SampleFit, sample_fit_of
from dechaff.recipe.passes.scan import Scanned, scan
from dechaff.recipe.tasks.task import LabelsOutcome, Task
from dechaff.records.findings import Detection, RowNames, not_run_finding
from dechaff.records.metrics import BaselineFacts, Metrics, SampleFacts
from dechaff.records.on_test_rows import TestAgreement
from dechaff.typing import Rows, Texts

T = TypeVar("T")
PROPOSING = ("L002", "L001", "P001", "P002", "D001", "D003", "D002", "L003", "C002", "O001")
"""In order of trust: what is known of a whole slice goes before what is known of one row."""
DRIFT = ("F006", "S002")
COMPARING = ("L003", "D001", "D002", "D003", "D004")
_BESIDES = ("C001", "D001", "D002")
"""What is looked for in the sample besides: the rules of cells, and copies, which share a fold."""
_FOUND_BY = ("looking", "copies", "labels", "columns")
_OUT_OF_CORE = (
    "These data were audited out of core. The models were fitted on a sample of {:,} of {:,} rows, and each row was "
    "predicted by one of five models that was not trained on it; copies share a fold. Noisy slices that contain only "
    "rows outside the sample are not found.",
)
_SMALL = (
    "The sample has only {:,} rows, because the rows are long and --memory allows no more. Models of few rows are "
    "weaker and find fewer wrong labels. A larger --memory samples more rows."
)


@dataclass(frozen=True)
class CopiesOutcome:
    """Figures of equal rows, findings by code, and which checks could not be run."""

    pairs: float
    distinct: int
    counts: dict[str, int]
    not_run: dict[str, str]


@dataclass(frozen=True)
class Planned:
    """An audit whose first pass is finished: how all rows are read, and the sample."""

    request: AuditRequest
    task: Task
    places: PassFolder
    read_plan: ReadPlan


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
        check_test_file(read_plan, request.tested, labels=not marks)
    return Planned(request, task, places, read_plan)


def audit_out_of_core(planned: Planned, fitted: Fitted | None = None) -> AuditOutcome:
    """Every pass that was not finished before, and what they found, ready to be written.

    `fitted` is what is fitted to the sample, if that is known already.
    """
    request, task, read_plan = planned.request, planned.task, planned.read_plan
    kept = partial(planned.places.outcome, progress=request.progress)
    sample_fit = kept("audit of the sample", SampleFit, lambda: _fit_sample(planned, fitted))
    store = RowStore(planned.places.subfolder("rows"), read_plan.n_rows)
    context = AuditContext(request, read_plan, sample_fit, planned.places, store, _ids(read_plan, planned.places))
    looked = kept("looking at every row", LookOutcome, lambda: look(context))
    copies = kept("comparing rows", CopiesOutcome, lambda: _compare_rows(context, task))
    models, equal = Models(context), Equal.of(store, copies.pairs, copies.distinct)
    kept("judging every row", bool, lambda: predict(context, models.trained))
    labels = kept("labels", LabelsOutcome, lambda: task.judge(context, equal))
    drifted = DriftOutcome()
    if any(code in task.checks and request.checks.wants(code) for code in DRIFT):
        late = request.checks.too_late()
        compared = partial(DriftOutcome, not_run=late) if late else partial(compare_samples, context)
        drifted = kept("comparing samples", DriftOutcome, compared)
    summary = _summary(context, task, (looked, copies, labels), drifted)
    if not task.positives and looked.test_rows + read_plan.n_test:
        tested = kept("test rows", TestAgreement, lambda: _on_tests(context, models, summary.baseline))
        summary = structs.replace(summary, test_agreement=tested if tested.rows else None)
    results = RowResults(store, FindingsWriter())
    return AuditOutcome(
        summary,
        [FindingsWriter(planned.places.subfolder(f"found-{name}")) for name in _FOUND_BY],
        results,
        lambda: _pieces(context, results),
        lambda rows: sources_of(context, rows, models.encoded),
        renamed=lambda examples: task.examples(examples, read_plan.sample),
        cell_rules=sample_fit.cell_rules,
    )


def _on_tests(context: AuditContext, models: Models, own: BaselineFacts | None) -> TestAgreement:
    """How a model of the sample does on the test rows, which are read part by part."""
    sample, seed = context.read_plan.sample, context.request.seed
    tested = agreement_on_tests(models.model, sample, sealed_parts(context), own or BaselineFacts(), seed=seed)
    return tested or TestAgreement()


def _fit_sample(planned: Planned, fitted: Fitted | None) -> SampleFit:
    request, sample = planned.request, planned.read_plan.sample
    if fitted is None:
        request.progress(f"audit of a sample of {len(sample):,} rows", 0, 0)
        with results_kept_by(planned.places.once):
            fitted = fit(Opened(sample, None), planned.task, request, (*OF_COLUMNS, *_BESIDES))
    if fitted.stopped:
        raise KeyboardInterrupt
    judged = "S001" in planned.task.checks and request.checks.wants("S001")
    return sample_fit_of(fitted, seed=request.seed, judged=judged)


def _compare_rows(context: AuditContext, task: Task) -> CopiesOutcome:
    """Equal and nearly equal rows; and the fold of every row, which follows from them."""
    results, store, request = context.results("copies"), context.store, context.request
    request.progress("comparing rows", 0, 3)
    request.progress("equal rows", 0, 2)
    families = mark_made(store) if store.has(FAMILY) else np.empty((0, 2), dtype=np.int64)
    equal, copies = find_equal(store, partial(rows_in_content_order, store))
    request.progress("equal rows", 1, 2)
    number_keys(store)
    request.progress("equal rows", 2, 2)
    checks, why = tuple(filter(request.checks.wants, task.checks)), request.checks.too_late()
    late = {code: why for code in COMPARING if why and code in checks}
    checks = tuple(code for code in checks if code not in late)
    work = CopyWork(context, equal, results, checks, drops=not task.positives)
    find_copies(work)
    request.progress("comparing rows", 1, 3)
    near, not_run = _near_rows(work)
    request.progress("comparing rows", 2, 3)
    if "D004" in checks and (context.read_plan.n_test or request.tested is not None):
        find_leaks(work)
        if not work.natural:
            find_near_leaks(work)
    results.writer.flush()
    folds, units, forest = store.make("fold", np.int8, -1), store.open("unit"), UnionFind(hashes=True)
    tied = np.concatenate([np.asarray(units[copies]), np.asarray(units[families]), near])
    connected = forest.update(forest.init(), {"pairs": tied})
    sample = context.read_plan.sample
    partitions = unit_folds(connected.least_of(units[sample.positions]), sample.codes, seed=request.seed)
    for span in store.spans():
        folds[span] = partitions.of(connected.least_of(np.asarray(units[span])))
    request.progress("comparing rows", 3, 3)
    return CopiesOutcome(equal.pairs, equal.distinct, results.writer.counts, not_run | late)


def _near_rows(work: CopyWork) -> tuple[Hashes, dict[str, str]]:
    """D002 of all rows, unless it was not chosen or would begin too late."""
    late = work.context.request.checks.too_late()
    if "D002" in work.checks and not late:
        return find_near_rows(work), {}
    return np.empty((0, 2), dtype=np.uint64), {"D002": late} if "D002" in work.checks else {}


def _pieces(context: AuditContext, results: RowResults) -> Iterator[Piece]:
    """The training rows, block by block."""
    read_plan, store, progress = context.read_plan, context.store, context.request.progress
    names = np.array([*read_plan.sample.class_names, ""], dtype=object)
    trains, labels, spellings = (store.open(name) for name in ("trains", "code", "spelling"))
    parents = store.open(PARENT) if store.has(PARENT) else None
    progress("decisions", 0, read_plan.n_rows)
    for block in store.releasing(read_plan.source.parts):
        span = slice(block.first_row, block.first_row + block.n_rows)
        places = np.flatnonzero(np.asarray(trains[span]))
        if len(places):
            rows = places + block.first_row
            codes = np.asarray(labels[rows], dtype=np.int64)
            named, of = _keys(store, rows), None if parents is None else _keys(store, np.asarray(parents[rows]))
            spelled, given = np.asarray(spellings[rows]), names[codes]
            odd = np.flatnonzero(np.isin(spelled, list(read_plan.odd_labels)))
            given[odd] = texts([read_plan.odd_labels[number] for number in spelled[odd].tolist()])
            spelling = spelling_proposal(places[odd], codes[odd], context.request.policy)
            decided = decide([*results.proposals(PROPOSING, span), spelling], block.n_rows).take(places)
            yield Piece(rows, RowNames(context.ids.of(rows), named, given, of), codes, decided)
        progress("decisions", block.first_row + block.n_rows, read_plan.n_rows)


def _keys(store: RowStore, rows: Rows) -> Texts:
    """The keys of some rows, '' for -1."""
    pairs = zip(rows.tolist(), store.open("key")[rows].tolist(), store.open("ordinal")[rows].tolist(), strict=True)
    return texts([f"{key:016x}:{ordinal}" if row >= 0 else "" for row, key, ordinal in pairs])


def _ids(read_plan: ReadPlan, places: PassFolder) -> RowIds:
    if not read_plan.sample.id_name:
        return RowIds(None)
    return RowIds(places.subfolder("ids"), tuple(block.first_row for block in read_plan.source.parts))


def _summary(
    context: AuditContext, task: Task, done: tuple[LookOutcome, CopiesOutcome, LabelsOutcome], drifted: DriftOutcome
) -> Metrics:
    """The figures; findings about columns and checks that were not run are written down here."""
    (looked, copies, labels), read_plan, sample_fit = done, context.read_plan, context.sample_fit
    not_run = {code: why for code, why in sample_fit.not_run.items() if code in (*OF_COLUMNS, "C001")}
    not_run |= {**looked.not_run, **copies.not_run, **labels.not_run}
    not_run |= dict.fromkeys(DRIFT, drifted.not_run) if drifted.not_run else {}
    choice = context.request.checks
    not_run = {code: why for code, why in not_run.items() if choice.wants(code)}
    results, names = context.results("columns"), read_plan.sample.class_names
    found = [*drifted.findings, *column_findings(read_plan, sample_fit, looked.columns)]
    if "L004" in task.checks:
        found += rare_class_detection(names, read_plan.class_counts).findings
    found += spelling_detection(names, read_plan.odd_rows).findings
    results.found([one for one in found if choice.wants(one.code)], context.ids.name)
    results.found([not_run_finding(Detection(code, not_run=why)) for code, why in not_run.items()], context.ids.name)
    results.writer.flush()
    counts: Counter[str] = Counter()
    for one in (looked.counts, copies.counts, labels.counts, results.writer.counts):
        counts.update(one)
    sample, rows = read_plan.sample, read_plan.n_train
    columns = column_facts(sample.table.columns, looked.columns)
    of_parts = ((part.codes, part.probs) for part in context.parts.parts())
    judged = None if sample_fit.base.name == NO_MODEL else _baseline(sample_fit, scores(len(names), of_parts))
    return audit_metrics(
        dataset_facts(sample, rows, read_plan.n_test + looked.test_rows, columns, read_plan.class_counts),
        sample,
        task.checks,
        counts,
        not_run | choice.unwanted(task.checks),
        labels.labels,
        baseline=judged,
        limits=(*sample_fit.notes, *_limits(sample_fit.rows, rows), *task.limits),
        drift=drifted.drift,
        cells=sample_fit.wrong_cells,
        positives=labels.positives,
        sample=SampleFacts(sample_fit.rows, rows),
    )


def _limits(sampled: int, n_rows: int) -> list[str]:
    few = [_SMALL.format(sampled)] if sampled < min(n_rows, FEWEST_SAMPLED) else []
    return [limit.format(sampled, n_rows) for limit in _OUT_OF_CORE] + few


def _baseline(sample_fit: SampleFit, found: BaselineFacts) -> BaselineFacts:
    """The model that judged the rows, scored on all of them; candidates as they met on the sample."""
    known = ("name", "candidates", "trusted", "reason", "knn_accuracy", "information")
    return structs.replace(found, folds=USUAL_FOLDS, **{name: getattr(sample_fit.base, name) for name in known})
