"""What labels are for: classes, or labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.baseline.baseline import Baseline
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.improve.improve import Fitted, Improved
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.request import AuditRequest, AuditSettings
from dechaff.recipe.passes.scan import Scanned
from dechaff.records.metrics import Examples, LabelFacts, PositivesFacts
from dechaff.typing import Groups, Json


@dataclass(frozen=True)
class LabelsOutcome:
    """Findings about labels by code, their figures, those of positives, and which checks could not be run."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    not_run: dict[str, str] = field(default_factory=dict)


class Task(Protocol):
    """The steps in which audits of classes and of positives differ."""

    @property
    def checks(self) -> tuple[str, ...]:
        """Codes of what is looked for."""

    @property
    def limits(self) -> tuple[str, ...]:
        """What a reader must know."""

    @property
    def positives(self) -> bool:
        """Whether rows are labelled positive or not at all."""

    def opened(self, source: Any, options: Any) -> Opened:
        """A source that fits into memory, with labels read for this task."""

    def settled(self, train: Dataset) -> Json:
        """Options that were left open and are known now."""

    def train(self, train: Dataset, together: Groups, settings: AuditSettings) -> Baseline:
        """Out-of-sample probabilities of the labels, and whether they can judge them."""

    def improve(self, fitted: Fitted, settings: AuditSettings) -> Improved:
        """What the predictions say of the labels of rows in memory, and the decision for each row."""

    def know(self, request: AuditRequest, scanned: Scanned) -> ReadPlan:
        """How the labels of rows out of core are read, and the sample."""

    def judge(self, context: AuditContext, equal: Equal) -> LabelsOutcome:
        """What the predictions say of the labels of all rows, out of core."""

    def examples(self, examples: Examples, train: Dataset) -> Examples:
        """The examples in the words of this task."""
