"""The chapters on labels: class health, labelled positives, the baseline, and the proof; charts beside the numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from dechaff.records.metrics import (
    BaselineFacts,
    ClassHealth,
    ClassProof,
    Metrics,
    Noise,
    Overlap,
    PositiveDiagnosis,
    PositivesFacts,
    ProofFacts,
    ScoreHistogram,
)
from dechaff.report.headline import SCHEMES, hidden_in_words, in_doubt
from dechaff.report.html.charts.labels import draw_histogram, draw_noise_matrix, is_logarithmic, noisiest
from dechaff.report.html.charts.scales import draw_calibration, draw_comparison, draw_differences, draw_estimates

MOST_CLASSES = 20
_MOST_PAIRS, _MOST_HISTOGRAMS = 12, 6


@dataclass(frozen=True)
class ScoreChart:
    """The distribution of one score."""

    code: str
    chart: Markup
    logarithmic: bool


@dataclass(frozen=True)
class Labels:
    """The content of the chapter; a part without data is empty or None."""

    noise: Noise | None
    matrix: Markup | None
    hidden_in_matrix: int
    classes: tuple[ClassHealth, ...]
    others: ClassHealth | None
    worst_rate: float
    overlaps: tuple[Overlap, ...]
    hidden_overlaps: int
    scores: tuple[ScoreChart, ...]


def labels_chapter(metrics: Metrics) -> Labels:
    """Everything about labels and classes."""
    matrix, hidden = _matrix(metrics)
    ranked = sorted(metrics.class_health, key=lambda one: (-(one.noise_rate or 0.0), one.name))
    classes = ranked if len(ranked) <= MOST_CLASSES + 1 else ranked[:MOST_CLASSES]
    return Labels(
        noise=metrics.noise,
        matrix=matrix,
        hidden_in_matrix=hidden,
        classes=tuple(classes),
        others=_sum(ranked[len(classes) :]),
        worst_rate=max((one.noise_rate or 0.0 for one in ranked), default=0.0) or 1.0,
        overlaps=metrics.overlaps[:_MOST_PAIRS],
        hidden_overlaps=max(len(metrics.overlaps) - _MOST_PAIRS, 0),
        scores=score_charts(metrics),
    )


def _matrix(metrics: Metrics) -> tuple[Markup | None, int]:
    names = metrics.dataset.classes
    if metrics.noise is None or not metrics.noise.joint or len(metrics.noise.joint) != len(names):
        return None, 0
    matrix = noisiest(np.array(metrics.noise.joint, dtype=np.float64), names, most=MOST_CLASSES)
    return draw_noise_matrix(matrix, metrics.dataset.rows), matrix.hidden


def _sum(classes: list[ClassHealth]) -> ClassHealth | None:
    """The classes that are not listed, as one; its noise rate is the mean over their rows."""
    if not classes:
        return None
    rows = sum(one.rows for one in classes)
    wrong = sum((one.noise_rate or 0.0) * one.rows for one in classes)
    flagged = sum(one.flagged for one in classes)
    return ClassHealth(f"{len(classes)} other classes", rows, flagged, wrong / rows if rows else None)


def score_charts(metrics: Metrics) -> tuple[ScoreChart, ...]:
    """The scores that can be drawn, those of label errors first."""
    drawable = [(code, one) for code, one in sorted(metrics.histograms.items()) if _is_drawable(one)]
    return tuple(
        ScoreChart(code, draw_histogram(code, one), is_logarithmic(one))
        for code, one in sorted(drawable, key=lambda pair: pair[0] != "L001")[:_MOST_HISTOGRAMS]
    )


def _is_drawable(histogram: ScoreHistogram) -> bool:
    return 0 < len(histogram.counts) == len(histogram.edges) - 1 <= 200 and sum(histogram.counts) > 0


_MOST_DIAGNOSES = 20


@dataclass(frozen=True)
class Positives:
    """The content of the chapter; ``chart`` is None if nothing was estimated."""

    facts: PositivesFacts
    scheme: str
    hidden: str
    chart: Markup | None
    doubts: tuple[PositiveDiagnosis, ...]
    fine: tuple[PositiveDiagnosis, ...]
    unchecked: tuple[PositiveDiagnosis, ...]
    scores: tuple[ScoreChart, ...]


def positives_chapter(metrics: Metrics) -> Positives | None:
    """Everything about positives; None for an audit of labelled classes."""
    facts = metrics.positives
    if facts is None:
        return None
    return Positives(
        facts=facts,
        scheme=SCHEMES.get(facts.scheme, facts.scheme),
        hidden=hidden_in_words(facts),
        chart=draw_estimates(facts.estimates) if facts.estimates else None,
        doubts=in_doubt(facts)[:_MOST_DIAGNOSES],
        fine=tuple(one for one in facts.diagnoses if not one.wrong and one.figure is not None)[:_MOST_DIAGNOSES],
        unchecked=tuple(one for one in facts.diagnoses if one.figure is None)[:_MOST_DIAGNOSES],
        scores=tuple(chart for chart in score_charts(metrics) if chart.code.startswith("P")),
    )


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
