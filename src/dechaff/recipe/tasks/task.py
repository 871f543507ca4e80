"""What an out-of-core audit is for: class labels, or labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.recipe.passes.scan import Scanned
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, LabelFacts, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class LabelsOutcome:
    """Findings about labels by code, their figures, those of positives, and which checks could not be run."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    not_run: dict[str, str] = field(default_factory=dict)


class Task(Protocol):
    """The steps in which the two differ."""

    @property
    def checks(self) -> tuple[str, ...]:
        """Codes of what is looked for."""

    @property
    def positives(self) -> bool:
        """Whether rows are labelled positive or not at all."""

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """How labels are read, and the sample."""

    def look_at_sample(self, read_plan: ReadPlan, request: AuditRequest) -> SampleFit:
        """The audit of the sample."""

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """What the predictions say of the labels of all rows."""

    def class_findings(self, read_plan: ReadPlan) -> tuple[Finding, ...]:
        """What is said of classes."""

    @property
    def limits(self) -> tuple[str, ...]:
        """What a reader must know."""

    def positives_facts(self, labels: LabelsOutcome, read_plan: ReadPlan) -> PositivesFacts | None:
        """The figures of positives, if rows are labelled positive or not at all."""

    def examples(self, examples: Examples, read_plan: ReadPlan) -> Examples:
        """The examples in the words of this purpose."""

    def said(self, read_plan: ReadPlan) -> Json:
        """Options that were not said and are known now."""
