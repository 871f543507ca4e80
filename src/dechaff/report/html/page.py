"""The whole report as one self-contained HTML file: no script, no font, no request."""

from __future__ import annotations

import json

from dechaff.records.codes import CODES
from dechaff.records.metrics import Metrics
from dechaff.report.headline import audit_verdict, figures, verdict
from dechaff.report.html.chapters.columns import columns_chapter, duplicates_chapter
from dechaff.report.html.chapters.findings import findings_chapter
from dechaff.report.html.chapters.labels import labels_chapter
from dechaff.report.html.chapters.positives import positives_chapter
from dechaff.report.html.chapters.proof import baseline_chapter, proof_chapter
from dechaff.report.html.environment import templates
from dechaff.report.record import RunRecord
from dechaff.typing import Json

CHAPTERS = (
    ("assumed", "What was assumed"),
    ("findings", "Findings"),
    ("labels", "Class health"),
    ("duplicates", "Duplicates and leakage"),
    ("columns", "Columns and cells"),
    ("baseline", "The baseline model"),
    ("review", "After review"),
    ("proof", "Proof on sealed data"),
    ("reproduce", "How to reproduce this"),
    ("limits", "Limits"),
)
"""Anchor and title of each chapter, in the order of the page."""
_OF_POSITIVES = {"labels": ("positives", "How many are positive"), "baseline": ("baseline", "The model of the label")}
"""Chapters that replace others if rows are labelled positive or unlabelled."""


def render_html(record: RunRecord) -> str:
    """The report as HTML: at most 2 MB for any data, and the same bytes for the same run."""
    page = templates().get_template("page.html.jinja")
    return page.render(chapters=_chapters(record.metrics), **_shown(record))


def _chapters(metrics: Metrics) -> tuple[tuple[str, str], ...]:
    """All chapters; the proof needs the true class of test rows, which is unknown for labelled positives."""
    if metrics.positives is None:
        return CHAPTERS
    return tuple(_OF_POSITIVES.get(anchor, (anchor, title)) for anchor, title in CHAPTERS if anchor != "proof")


def _shown(record: RunRecord) -> Json:
    metrics = record.metrics
    return {
        "metrics": metrics,
        "dataset": metrics.dataset,
        "row_name": metrics.dataset.id or "row",
        "verdict": verdict(metrics),
        "audit_verdict": audit_verdict(metrics),
        "figures": figures(record),
        "codes": CODES,
        "findings": findings_chapter(record),
        "labels": labels_chapter(metrics),
        "duplicates": duplicates_chapter(record),
        "columns": columns_chapter(record),
        "positives": positives_chapter(metrics),
        "baseline": baseline_chapter(metrics),
        "proof": proof_chapter(metrics),
        "options": {name: _as_text(value) for name, value in record.options.items()},
    }


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_as_text(one)}" for name, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
