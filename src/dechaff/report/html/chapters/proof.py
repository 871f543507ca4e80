"""The chapters on the baseline and on the proof: charts beside the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from dechaff.records.metrics import BaselineFacts, ClassProof, Metrics, ProofFacts
from dechaff.report.html.charts.calibration import draw_calibration
from dechaff.report.html.charts.comparison import draw_comparison, draw_differences

_MOST_CLASSES, _MOST_LEAKS, _MOST_BINS, _MOST_NOTES = 20, 20, 50, 20


@dataclass(frozen=True)
class BaselinePart:
    """The baseline with its calibration curve."""

    facts: BaselineFacts
    calibration: Markup | None


@dataclass(frozen=True)
class ProofPart:
    """The proof with its charts; classes with the largest change first."""

    facts: ProofFacts
    comparison: Markup
    differences: Markup
    classes: tuple[ClassProof, ...]
    hidden_classes: int
    leaks: tuple[str, ...]
    hidden_leaks: int
    notes: tuple[str, ...]


def baseline_chapter(metrics: Metrics) -> BaselinePart | None:
    """The model that judged the labels; None if there was none."""
    facts = metrics.baseline
    if facts is None:
        return None
    bins = facts.calibration[:_MOST_BINS]
    return BaselinePart(facts, draw_calibration(bins) if bins else None)


def proof_chapter(metrics: Metrics) -> ProofPart | None:
    """The comparison on sealed rows; None if there was none."""
    facts = metrics.proof
    if facts is None or not facts.verdict:
        return None
    classes = sorted(facts.per_class, key=lambda one: (-abs(one.difference or 0.0), one.name))
    return ProofPart(
        facts=facts,
        comparison=draw_comparison(facts),
        differences=draw_differences(facts),
        classes=tuple(classes[:_MOST_CLASSES]),
        hidden_classes=max(len(classes) - _MOST_CLASSES, 0),
        leaks=facts.test.leaks[:_MOST_LEAKS],
        hidden_leaks=max(facts.test.leaks_left_out - _MOST_LEAKS, 0),
        notes=facts.notes[:_MOST_NOTES],
    )
