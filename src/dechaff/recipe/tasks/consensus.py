"""Audits of labels that are the consensus of annotators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.recipe.baseline.baseline import Baseline, no_baseline
from dechaff.recipe.improve.improve import Fitted, Improved, decided_rows
from dechaff.recipe.improve.proposals import KEEP, Decided, Proposal, proposal_of
from dechaff.recipe.passes.request import AuditSettings
from dechaff.recipe.tasks.classification import ClassificationTask
from dechaff.records.crowds import ConsensusFacts
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Groups, Probs

UNSURE = "L007"
NO_DATA = "there are only answers, no data of the items to learn from"
_LIMIT = "Errors that all annotators make alike look like agreement, and cannot be seen in their answers."


@dataclass(frozen=True)
class Doubted:
    """An item whose label is not sure."""

    score: float
    """Probability that the label is wrong."""
    suggested: str
    why: str
    fix: str


@dataclass(frozen=True)
class ConsensusTask(ClassificationTask):
    """An audit of classes, with the items on which annotators disagree.

    ``learns`` is False if the labelled file has no data of the items; then no model is trained.
    """

    checks: tuple[str, ...] = (*ClassificationTask.checks, UNSURE)
    limits: tuple[str, ...] = (*ClassificationTask.limits, _LIMIT)
    facts: ConsensusFacts = field(default_factory=ConsensusFacts)
    probs: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)
    """Probabilities of the classes of each item, by their names."""
    doubted: Mapping[str, Doubted] = field(default_factory=dict, repr=False)
    """The items below the limit."""
    learns: bool = True

    def train(self, train: Dataset, together: Groups, settings: AuditSettings) -> Baseline:
        """The baseline; none without data."""
        if not self.learns:
            nothing = no_baseline(train, together=together, reason=NO_DATA)
            return replace(nothing, probs=self._probs(train), pooled=self._probs(train))
        return super().train(train, together, settings)

    def improve(self, fitted: Fitted, settings: AuditSettings) -> Improved:
        """The audit, if there are data, and the unsure items, which are set aside for review."""
        detection = self._detection(fitted.train)
        proposal = proposal_of(detection, fitted.train.positions, settings.policy)
        if not self.learns:
            decided = decided_rows(fitted, [proposal], (), settings.policy)
            return Improved((detection,), decided, fitted.slices.probs, consensus=self.facts)
        improved = super().improve(fitted, settings)
        decided = _also(improved.decided, proposal)
        return replace(improved, detections=(*improved.detections, detection), decided=decided, consensus=self.facts)

    def _probs(self, train: Dataset) -> Probs:
        """(n, k) probabilities by the answers and the model."""
        known = [self.probs.get(str(name), {}) for name in train.ids.tolist()]
        return np.array([[one.get(name, 0.0) for name in train.class_names] for one in known])

    def _detection(self, train: Dataset) -> Detection:
        names = train.ids.tolist()
        labelled = np.flatnonzero(train.codes >= 0)
        score = np.zeros(len(train))
        score[labelled] = 1 - self._probs(train)[labelled, train.codes[labelled]]
        found = []
        for row, name in enumerate(names):
            one = self.doubted.get(str(name))
            if one is not None and train.codes[row] >= 0:
                given = train.class_names[train.codes[row]]
                about = {"row": row, "field": train.label_name, "given": given, "suggested": one.suggested}
                found.append(Finding(UNSURE, one.score, one.why, one.fix, **about))
        flag = np.zeros(len(train), dtype=bool)
        flag[[one.row for one in found if one.row is not None]] = True
        return Detection(UNSURE, tuple(found), score, flag)


def _also(decided: Decided, proposal: Proposal) -> Decided:
    """The decisions, and those of a proposal about rows for which there is none."""
    free = (decided.action[proposal.rows] == KEEP) & (decided.code[proposal.rows] == "")
    rows = proposal.rows[free]
    action, code, score = decided.action.copy(), decided.code.copy(), decided.score.copy()
    action[rows], code[rows], score[rows] = proposal.actions[free], proposal.code, proposal.score[free]
    return replace(decided, action=action, code=code, score=score)
