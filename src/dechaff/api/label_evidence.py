"""All that speaks about labels, brought together and judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from dechaff.api.label_inputs import LabelInputs
from dechaff.methods.label_errors.judged_labels import JudgedLabels, judge_checked_labels
from dechaff.methods.label_evidence.gather_evidence import Evidence, pool_evidence
from dechaff.models.baseline_guard import distrust
from dechaff.typing import Probs, Rows


@dataclass(frozen=True)
class Judgement:
    """Judged labels, and the evidence that they were judged by."""

    judged: JudgedLabels
    evidence: Evidence = field(repr=False)
    several: bool
    """Whether more than the probabilities of one model was handed in."""
    distrust: str = ""
    """Why none of it should be believed; "" where there is no reason."""

    @property
    def probs(self) -> Probs:
        """(n, k) what all that was heard says of the given labels."""
        return self.evidence.probs

    @property
    def words(self) -> tuple[str, ...]:
        """Who was heard, and who was not and why; and whether to believe it."""
        spoke = self.evidence.used_sources or ("out-of-sample probabilities of one model",)
        return tuple(_sentence(fact) for fact in (*spoke, self.distrust) if fact)

    def why_of(self, inputs: LabelInputs, rows: Rows) -> list[str]:
        """Which witnesses name another class than the given one; '' where there is only one model."""
        if not self.several or not len(rows):
            return [""] * len(rows)
        names = [str(name) for name in inputs.classes.tolist()]
        return [f" {said}" for said in self.evidence.why_of(rows, suggested=self.judged.suggested, names=names)]


def _sentence(fact: str) -> str:
    return f"{fact[:1].upper()}{fact[1:]}."


def judged_by_all(inputs: LabelInputs, *, features: npt.ArrayLike | None, stages: Any) -> Judgement:
    """The labels judged by everything that was handed in."""
    evidence = pool_evidence(inputs.labels, inputs.runs, features=features, stages=stages)
    several = len(inputs.runs) > 1 or features is not None or stages is not None
    judged, doubt = judge_checked_labels(inputs.labels, evidence.probs), distrust(inputs.labels, evidence.probs)
    return Judgement(judged, evidence, several, doubt)
