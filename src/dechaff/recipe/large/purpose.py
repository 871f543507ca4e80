"""What an audit in passes is for: labels of classes, or labelled positives and unlabelled rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from dechaff.recipe.large.asked import Asked
from dechaff.recipe.large.equal import Equal
from dechaff.recipe.large.ground import Ground
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.scan import Scanned
from dechaff.records.findings import Finding
from dechaff.records.metrics import Examples, LabelFacts, PositivesFacts
from dechaff.typing import Json


@dataclass(frozen=True)
class LabelsDone:
    """Findings about labels by code, their figures, those of positives, and which checks could not be run."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: LabelFacts = field(default_factory=LabelFacts)
    positives: PositivesFacts | None = None
    not_run: dict[str, str] = field(default_factory=dict)


class Purpose(Protocol):
    """The steps in which the two differ."""

    @property
    def checks(self) -> tuple[str, ...]:
        """Codes of what is looked for."""

    @property
    def positives(self) -> bool:
        """Whether rows are labelled positive or not at all."""

    def know(self, asked: Asked, scanned: Scanned) -> Known:
        """How labels are read, and the sample."""

    def look_at_sample(self, known: Known, asked: Asked) -> Looked:
        """The audit of the sample."""

    def judge(self, ground: Ground, equal: Equal) -> LabelsDone:
        """What the predictions say of the labels of all rows."""

    def class_findings(self, known: Known) -> tuple[Finding, ...]:
        """What is said of classes."""

    @property
    def limits(self) -> tuple[str, ...]:
        """What a reader must know."""

    def positives_facts(self, labels: LabelsDone, known: Known) -> PositivesFacts | None:
        """The figures of positives, if rows are labelled positive or not at all."""

    def examples(self, examples: Examples, known: Known) -> Examples:
        """The examples in the words of this purpose."""

    def said(self, known: Known) -> Json:
        """Options that were not said and are known now."""
