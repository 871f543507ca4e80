"""An out-of-core audit of labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.data.open_positives import PositiveReader, positive_of, refuse_too_few, stated_about
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan, know, with_assumptions
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.recipe.passes.scan import Scanned
from dechaff.recipe.tasks.positives.content import POSITIVE_LIMITS, named_examples, positives_facts
from dechaff.recipe.tasks.positives.in_passes import (
    Positives,
    estimate_positives,
    look_at_positives,
    write_positive_findings,
)
from dechaff.recipe.tasks.positives.judged import Judged
from dechaff.recipe.tasks.task import LabelsOutcome
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class PUTask:
    """The steps; ``wanted`` is the value of labelled rows, None where it is plain."""

    wanted: str | None
    scheme: Scheme
    checks: tuple[str, ...] = ("D001", "D002", "D004", "C002", "C003", "F001", "F002", "F003", "P001", "P002")
    positives: bool = True

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """Labels as one value and the rest."""
        reader = PositiveReader(self.wanted)
        read_plan = know(request.source, scanned, request.roles, sha256=request.sha256, reader=reader)
        names = self.names(read_plan)
        found = names.opened(read_plan.sample)
        n_labelled, n = int(read_plan.class_counts[found.positive_code]), read_plan.n_rows - read_plan.n_test
        refuse_too_few(found, n_labelled, n)
        return with_assumptions(read_plan, stated_about(found, n - n_labelled, given=self.wanted is not None))

    def names(self, read_plan: ReadPlan) -> Positives:
        """Which of the two classes is the positive one."""
        classes = read_plan.sample.class_names[:2]
        positive = positive_of(classes, self.wanted)
        return Positives(positive, next(name for name in classes if name != positive), self.scheme)

    def look_at_sample(self, read_plan: ReadPlan, request: AuditRequest) -> SampleFit:
        """The sample, looked at and used to choose the model of the label."""
        return look_at_positives(read_plan, request, self.names(read_plan))

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """P001 and P002 of all rows; neither where no model tells labelled rows from others."""
        sample_fit, names = context.sample_fit, self.names(context.read_plan)
        results = context.results("labels")
        if not sample_fit.judge.trusted:
            return LabelsOutcome(not_run=dict.fromkeys(("P001", "P002"), sample_fit.judge.reason))
        context.request.progress("positives", 0, 1)
        found = estimate_positives(context, names)
        write_positive_findings(context, names, found, equal, results)
        results.writer.flush()
        context.request.progress("positives", 1, 1)
        return LabelsOutcome(results.writer.counts, positives=self._facts(context.read_plan, found.judged))

    def class_findings(self, read_plan: ReadPlan) -> tuple[Finding, ...]:
        """Nothing: with unlabelled rows for a class it would say what is not so."""
        return ()

    @property
    def limits(self) -> tuple[str, ...]:
        """Those of labelled positives."""
        return POSITIVE_LIMITS

    def positives_facts(self, labels: LabelsOutcome, read_plan: ReadPlan) -> PositivesFacts | None:
        """The figures of positives; counts only if the rows were not judged."""
        return labels.positives or self._facts(read_plan, None)

    def _facts(self, read_plan: ReadPlan, judged: Judged | None) -> PositivesFacts:
        found = self.names(read_plan).opened(read_plan.sample)
        n_labelled = int(read_plan.class_counts[found.positive_code])
        n_unlabelled = read_plan.n_rows - read_plan.n_test - n_labelled
        return positives_facts(found, self.scheme, labelled=n_labelled, unlabelled=n_unlabelled, judged=judged)

    def examples(self, examples: Examples, read_plan: ReadPlan) -> Examples:
        """Examples in which the chance of the other class does not go by the name of rows without a label."""
        return named_examples(self.names(read_plan).opened(read_plan.sample), examples)

    def said(self, read_plan: ReadPlan) -> Json:
        """The value of labelled rows."""
        return {"positive": self.names(read_plan).positive}
