"""The recipe on one data set: explore, baseline, improve; and the outcome of it, ready to be written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.baseline.baseline import Baseline, no_baseline
from dechaff.recipe.baseline.on_test_rows import agreement_on_tests
from dechaff.recipe.explore.cell_rules import rules_as_json
from dechaff.recipe.explore.content_hashes import file_order
from dechaff.recipe.explore.drift import differing
from dechaff.recipe.explore.explore import DETECTORS, LATE, STOPPED, Explored, explore_view
from dechaff.recipe.explore.families import parent_keys
from dechaff.recipe.explore.labels import given_labels
from dechaff.recipe.explore.view import View
from dechaff.recipe.improve.improve import Fitted, Improved, class_counts, find_slices
from dechaff.recipe.improve.slices import Slices
from dechaff.recipe.outcome.examples import ExampleSources
from dechaff.recipe.outcome.findings_writer import FindingsWriter, RowResults
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.recipe.outcome.run_writer import AuditOutcome, Piece
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.task import Task
from dechaff.records.codes import CODES
from dechaff.records.findings import Detection, RowNames, not_run_finding
from dechaff.records.metrics import Check, LabelFacts, Metrics
from dechaff.records.on_test_rows import TestAgreement
from dechaff.records.record import Assumed, Column, DatasetFacts
from dechaff.typing import Labels


@dataclass(frozen=True)
class Audited(Fitted):
    """Everything that an audit in memory has found."""

    task: Task
    improved: Improved
    tested: TestAgreement | None = None
    """How the baseline does on the test rows: measured last, so that nothing was chosen by it."""
    unwanted: Mapping[str, str] = field(default_factory=dict)
    """Checks that were not chosen, each with the reason."""

    @cached_property
    def detections(self) -> tuple[Detection, ...]:
        """The result of every detector, in the order of the codes."""
        order = {code: place for place, code in enumerate(CODES)}
        found = (*self.explored.detections, *self.improved.detections)
        return tuple(sorted(found, key=lambda one: order[one.code]))

    def outcome(self) -> AuditOutcome:
        """What was found, ready to be written."""
        train, order, n_rows = self.train, file_order(self.train), self.train.source.n_rows
        places = np.full(n_rows, -1, dtype=np.int64)
        places[train.positions] = np.arange(len(train))

        def name_of(row: int) -> str:
            return str(train.ids[places[row]])

        results = RowResults(RowStore(None, n_rows), FindingsWriter())
        for detection in self.detections:
            if detection.score is not None:
                results.begin(detection.code)
            results.add(detection, train.positions, name_of)
            if detection.not_run:
                results.found([not_run_finding(detection)], name_of)
        parents = parent_keys(train)
        of = None if parents is None else parents[order]
        names = RowNames(train.ids[order], train.keys[order], given_labels(train)[order], of)
        piece = Piece(train.positions[order], names, train.codes[order], self.improved.decided.take(order))
        arrays: dict[str, npt.NDArray[Any]] = {
            "pred_probs": self.improved.probs.astype(np.float32),
            "labels": train.codes,
            "folds": self.base.folds.astype(np.int64),
            "ids": train.ids.astype(np.str_),
            **self.improved.arrays,
        }
        return AuditOutcome(
            self._summary(),
            [results.writer],
            results,
            lambda: iter([piece]),
            lambda rows: (
                ExampleSources(train, self.improved.probs, self.base.fit_predict),
                dict(zip(rows.tolist(), places[rows].tolist(), strict=True)),
            ),
            renamed=lambda examples: self.task.examples(examples, train),
            arrays={name: values[order] for name, values in arrays.items()}
            | {"class_names": np.array(train.class_names, dtype=np.str_)},
            cell_rules=rules_as_json(self.explored.cell_rules, train),
        )

    def _summary(self) -> Metrics:
        """The figures."""
        train, test = self.train, self.opened.test
        n_test, columns = 0 if test is None else len(test), self.explored.columns
        return audit_metrics(
            dataset_facts(train, len(train), n_test, columns, class_counts(train)),
            train,
            [*(one.code for one in self.detections), *self.unwanted],
            {one.code: len(one.findings) for one in self.detections},
            {one.code: one.not_run for one in self.detections if one.not_run} | dict(self.unwanted),
            self.improved.labels,
            baseline=self.base.facts if self.base.candidates else None,
            limits=(*self.base.notes, *self.explored.notes, *self.task.limits),
            drift=differing(self.explored.drift),
            cells=self.explored.wrong_cells,
            positives=self.improved.positives,
            curriculum=self.improved.curriculum,
            consensus=self.improved.consensus,
            test_agreement=self.tested,
        )


_NEAR_APART = "Near duplicates (D002) were not searched for: a row may be judged by a model that has seen a near copy."
_IN_MEMORY = {"pandas": "pandas data frame", "polars": "polars data frame", "pyarrow": "Arrow table"}
"""Names of data in memory, which have no file name; others are named by their type."""


def audit_data(opened: Opened, task: Task, settings: AuditSettings) -> Audited:
    """Explore the training rows, train a baseline on them out of sample, and decide about every row.

    Test rows, if there are any, are only compared with the training rows for copies, and predicted in the end.
    """
    fitted = fit(opened, task, settings, task.checks)
    improved, unwanted = task.improve(fitted, settings), settings.checks.unwanted(task.checks)
    tested = _on_tests(fitted, task, settings)
    return Audited(**vars(fitted), task=task, improved=improved, tested=tested, unwanted=unwanted)


def _on_tests(fitted: Fitted, task: Task, settings: AuditSettings) -> TestAgreement | None:
    model, test = fitted.base.model, fitted.opened.test
    if model is None or test is None or task.positives:
        return None
    with suppress(KeyboardInterrupt):  # what was found before is kept
        return agreement_on_tests(model, fitted.train, [test], fitted.base.facts, seed=settings.seed)
    return None


def fit(opened: Opened, task: Task, settings: AuditSettings, checks: Collection[str]) -> Fitted:
    """The steps before labels are judged, which are the same for all rows and for a sample of them.

    `checks` are the codes of what is looked for without a model. Those that name rows are of no use in a sample.
    """
    view, choice = View(opened.train, opened.test, settings.seed), settings.checks
    late = [code for code in checks if code in LATE and choice.limited]
    first = [code for code in checks if code not in late]
    explored = explore_view(view, checks=first, choice=choice, progress=settings.progress)
    base = _baseline(opened.train, explored, task, settings)
    slices = Slices((), base.pooled, opened.train.codes >= 0, 0)
    if "L002" in task.checks and choice.wants("L002"):
        slices, base = find_slices(opened.train, base, settings)
    if late:
        stopped = explored.stopped or base.reason == STOPPED
        explored = explored.followed_by(_explored_late(view, late, stopped, settings))
    if base.model is not None and "D002" in choice.unwanted(checks):
        explored = replace(explored, notes=(*explored.notes, _NEAR_APART))
    return Fitted(opened, explored, base, slices)


def _explored_late(view: View, late: Collection[str], stopped: bool, settings: AuditSettings) -> Explored:
    """What a time budget leaves for the end, unless Ctrl-C has stopped what comes before."""
    found = explore_view(view, checks=() if stopped else late, choice=settings.checks, progress=settings.progress)
    wanted = [code for code in late if settings.checks.wants(code)] if stopped else []
    skipped = [Detection(code, not_run=f"{STOPPED} before its turn") for code in wanted]
    return replace(found, detections=(*found.detections, *skipped))


def _baseline(train: Dataset, explored: Explored, task: Task, settings: AuditSettings) -> Baseline:
    """The baseline; none if no chosen check needs it, or it would begin too late.

    None once Ctrl-C was pressed: who stops an audit wants what is finished, at once.
    """
    reason = STOPPED
    if not explored.stopped:
        reason = _why_no_model(task, settings)
        if not reason:
            with suppress(KeyboardInterrupt):
                return task.train(train, explored.together, settings)
            reason = STOPPED
    return no_baseline(train, together=explored.together, reason=reason)


def _why_no_model(task: Task, settings: AuditSettings) -> str:
    if any(map(settings.checks.wants, model_checks(task.checks))):
        return settings.checks.too_late()
    return "no check was chosen that needs a model"


def model_checks(checks: Collection[str]) -> tuple[str, ...]:
    """Those of some checks that need a model."""
    without = {code for code, _ in DETECTORS}
    return tuple(code for code in checks if code not in without)


def audit_metrics(
    dataset: DatasetFacts,
    data: Dataset,
    checks: Collection[str],
    counts: Mapping[str, int],
    not_run: Mapping[str, str],
    labels: LabelFacts,
    **figures: Any,
) -> Metrics:
    """The figures of an audit that do not depend on how its rows are written.

    Parameters
    ----------
    dataset, data : the facts about all rows; these rows, or a sample of them.
    checks, counts, not_run : codes of the checks, findings by code, and why some checks could not be run.
    labels : what is known of the labels.
    **figures : further fields of `Metrics`.
    """
    return Metrics(
        dataset=dataset,
        assumptions=tuple(Assumed(**vars(one)) for one in data.assumptions),
        checks=tuple(_check(code, counts.get(code, 0), not_run.get(code, "")) for code in CODES if code in checks),
        **structs.asdict(labels),
        **figures,
    )


def _check(code: str, findings: int, not_run: str) -> Check:
    """The outcome of one check; `not_run` is the reason why it could not be run, or empty."""
    return Check(code, CODES[code].title, "not run" if not_run else "done", findings, not_run)


def dataset_facts(
    data: Dataset, rows: int, test_rows: int, columns: tuple[Column, ...], counts: Labels
) -> DatasetFacts:
    """The facts of the report about the data: all rows, also if `data` is a sample of them."""
    format = data.source.format
    return DatasetFacts(
        # The file's name, or what kind of thing was passed.
        name=data.source.path.name if data.source.path is not None else _IN_MEMORY.get(format, format),
        format=format,
        rows=rows,
        test_rows=test_rows,
        label=data.label_name,
        id=data.id_name,
        sha256=data.source.sha256,
        columns=columns,
        classes=tuple(data.class_names),
        class_counts=tuple(counts.tolist()),
    )
