"""Audits of class labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import structs

from dechaff.data.dataset import Dataset, Opened
from dechaff.data.open import open_with
from dechaff.recipe.baseline.baseline import Baseline, baseline, no_baseline
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.improve.improve import JUDGING, Fitted, Improved, improve
from dechaff.recipe.improve.labels_out_of_core import (
    LabelledRows,
    estimate_all_rows,
    write_error_findings,
    write_slice_findings,
)
from dechaff.recipe.improve.mislabelled import facts_of, overlap_detection
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan, know
from dechaff.recipe.passes.request import AuditRequest, AuditSettings
from dechaff.recipe.passes.scan import Scanned
from dechaff.recipe.tasks.task import LabelsOutcome
from dechaff.records.metrics import Examples, LabelFacts
from dechaff.records.options import AuditOptions
from dechaff.typing import Groups, Json

LIMITS = (
    "Scores are estimates of a model. A high score says where to look first, not that the row is wrong.",
    "Errors that no model can see are not found: labels that are wrong in the same way everywhere look right.",
    "Near duplicates are compared by their words or numbers, not by what they mean.",
    "Only a proof on sealed rows, whose labels can be trusted, says whether the model got better.",
)

FEW_LABELS = "fewer than two classes have labels"
"""Reason of the checks that need a model, of rows that are yet to be labelled."""


@dataclass(frozen=True)
class ClassificationTask:
    """The steps."""

    checks: tuple[str, ...] = (
        "L003", "L004", "L006", "D001", "D002", "D003", "D004", "C001", "C002", "C003", "C004", "O001",
        "F001", "F002", "F003", "F004", "F006", "F007", "S002", "L002", "L001", "L005", "S001",
    )  # fmt: skip
    limits: tuple[str, ...] = LIMITS
    positives: bool = False

    def opened(self, source: Any, options: AuditOptions) -> Opened:
        """Labels as classes."""
        return open_with(source, options, probs=options.probs, seed=options.seed)

    def settled(self, train: Dataset) -> Json:
        """None."""
        return {}

    def train(self, train: Dataset, together: Groups, settings: AuditSettings) -> Baseline:
        """The baseline; none as long as fewer than two classes have labels."""
        if len(np.unique(train.codes[train.codes >= 0])) < 2:
            return no_baseline(train, together=together, reason=FEW_LABELS)
        return baseline(train, together, settings)

    def improve(self, fitted: Fitted, settings: AuditSettings) -> Improved:
        """Slices, label errors, one decision a row."""
        return improve(fitted, settings)

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """Labels as classes."""
        return know(request, scanned)

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """Noisy slices and label errors of all rows; neither if the model is too weak to judge."""
        sample_fit, names = context.sample_fit, context.read_plan.sample.class_names
        results, choice = context.results("labels"), context.request.checks
        wanted = tuple(filter(choice.wants, JUDGING))
        if not sample_fit.base.trusted or not wanted:
            return LabelsOutcome(not_run=dict.fromkeys(wanted, sample_fit.base.reason))
        slices = write_slice_findings(context, results) if choice.wants("L002") else ()
        reasons = {code: why for code, why in sample_fit.not_run.items() if code in ("L002", "S001")}
        if not choice.wants("L001") and not choice.wants("L005"):
            results.writer.flush()
            facts = LabelFacts(slices=slices, failing=sample_fit.failing)
            return LabelsOutcome(results.writer.counts, facts, not_run=reasons)
        results.begin("L001", proposes=True)
        labelled = LabelledRows(context.store, context.parts)
        rows = labelled.class_counts()
        found = estimate_all_rows(labelled, int(rows.sum()), progress=context.request.progress)
        flagged = write_error_findings(context, found, results)
        if choice.wants("L005"):
            results.found(overlap_detection(found.found.joint, names).findings, context.ids.name)
        results.writer.flush()
        facts = facts_of(found.of(np.zeros(0, dtype=np.int64)), names, rows=rows, flagged=flagged)
        return LabelsOutcome(
            results.writer.counts, structs.replace(facts, slices=slices, failing=sample_fit.failing), not_run=reasons
        )

    def examples(self, examples: Examples, train: Dataset) -> Examples:
        """The examples as they are."""
        return examples
