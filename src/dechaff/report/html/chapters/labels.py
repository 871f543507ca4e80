"""The chapter of class health: noise per class, confused classes, and the distribution of the scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from dechaff.records.metrics import ClassHealth, Metrics, Noise, Overlap, ScoreHistogram
from dechaff.report.html.charts.histogram import draw_histogram, is_logarithmic
from dechaff.report.html.charts.noise_matrix import draw_noise_matrix, noisiest

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
