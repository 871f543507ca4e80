"""The chapter on labelled positives: how many there are, with intervals, and what may be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from dechaff.records.metrics import Metrics, PositiveDiagnosis, PositivesFacts
from dechaff.report.html.chapters.labels import ScoreChart, score_charts
from dechaff.report.html.charts.estimates import draw_estimates
from dechaff.report.positives import SCHEMES, hidden_in_words, in_doubt

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
