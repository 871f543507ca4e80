"""An out-of-core audit of class labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from msgspec import structs

from dechaff.data.dataset import Opened
from dechaff.recipe.audit import audit_data
from dechaff.recipe.explore.column_findings import class_findings
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.explore.explore import STOPPED
from dechaff.recipe.improve.label_estimates import LabelledRows, estimate_all_rows
from dechaff.recipe.improve.label_findings import write_error_findings, write_slice_findings
from dechaff.recipe.improve.mislabelled import facts_of, overlap_of
from dechaff.recipe.outcome.metrics import LIMITS
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan, know
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit, sample_fit_of
from dechaff.recipe.passes.scan import Scanned
from dechaff.recipe.tasks.task import LabelsOutcome
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class ClassificationTask:
    """The steps."""

    checks: tuple[str, ...] = (
        "L003", "L004", "D001", "D002", "D003", "D004", "C002", "C003", "F001", "F002", "F003", "L002", "L001", "L005",
    )  # fmt: skip
    positives: bool = False

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """Labels as classes."""
        return know(request.source, scanned, request.roles, sha256=request.sha256)

    def look_at_sample(self, read_plan: ReadPlan, request: AuditRequest) -> SampleFit:
        """The audit of the sample, in memory."""
        request.progress(f"audit of a sample of {len(read_plan.sample):,} rows", 0, 0)
        found = audit_data(
            Opened(read_plan.sample, None),
            policy=request.policy,
            model=request.model,
            seed=request.seed,
            threads=request.threads,
            progress=request.progress,
        )
        if any(one.not_run.startswith(STOPPED) for one in found.detections):
            raise KeyboardInterrupt
        return sample_fit_of(read_plan.sample, found.detections, found.base, found.improved.slices, seed=request.seed)

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """Noisy slices and label errors of all rows; neither where the model is too weak to judge."""
        sample_fit, read_plan = context.sample_fit, context.read_plan
        results = context.results("labels")
        if not sample_fit.judge.trusted:
            return LabelsOutcome(not_run=dict.fromkeys(("L002", "L001", "L005"), sample_fit.judge.reason))
        slices = write_slice_findings(context, results)
        labelled = LabelledRows(context.parts, context.store.open("slice"), len(read_plan.sample.class_names))
        rows = np.zeros(len(read_plan.sample.class_names), dtype=np.int64)
        for part, places in labelled.each():
            rows += np.bincount(part.codes[places], minlength=len(rows))
        found = estimate_all_rows(labelled, context.store, int(rows.sum()), progress=context.request.progress)
        flagged = write_error_findings(context, found, results)
        names = read_plan.sample.class_names
        results.found(overlap_of(found.found.joint, names).findings, context.ids.name)
        results.writer.flush()
        label_facts = facts_of(found.of(np.zeros(0, dtype=np.int64)), names, rows=rows, flagged=flagged)
        reasons = {code: why for code, why in sample_fit.not_run.items() if code == "L002"}
        return LabelsOutcome(results.writer.counts, structs.replace(label_facts, slices=slices), not_run=reasons)

    def class_findings(self, read_plan: ReadPlan) -> tuple[Finding, ...]:
        """Classes with few rows."""
        return class_findings(read_plan)

    @property
    def limits(self) -> tuple[str, ...]:
        """Those of every audit."""
        return LIMITS

    def positives_facts(self, labels: LabelsOutcome, read_plan: ReadPlan) -> PositivesFacts | None:
        """None."""
        return None

    def examples(self, examples: Examples, read_plan: ReadPlan) -> Examples:
        """The examples as they are."""
        return examples

    def said(self, read_plan: ReadPlan) -> Json:
        """None."""
        return {}
