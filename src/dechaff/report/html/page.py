"""The whole report as one HTML file that needs nothing beside it: no script, no font, no request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dechaff.records.codes import CODES
from dechaff.report.headline import audit_verdict, figures, verdict
from dechaff.report.html.chapters.columns import columns_chapter, duplicates_chapter
from dechaff.report.html.chapters.findings import findings_chapter
from dechaff.report.html.chapters.labels import labels_chapter
from dechaff.report.html.chapters.proof import baseline_chapter, proof_chapter
from dechaff.report.html.environment import templates
from dechaff.report.record import RunRecord, read_record

if TYPE_CHECKING:
    import polars as pl

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
    ("limits", "What this cannot tell you"),
)
"""Anchor and title of each chapter, in the order of the page."""


def render_html(
    metrics: Mapping[str, Any], examples: Mapping[str, Any], options: Mapping[str, Any], findings: pl.DataFrame
) -> str:
    """The report as HTML: at most 2 MB whatever the data hold, and the same bytes for the same run.

    Parameters
    ----------
    metrics, examples, options : the contents of ``metrics.json``, ``examples.json`` and ``options.json``.
    findings : the frame of ``findings.parquet``.

    Raises
    ------
    RunError
        Where an argument does not have the form that dechaff writes.
    """
    record = read_record(metrics, examples, options, findings)
    page = templates().get_template("page.html.jinja")
    return page.render(chapters=CHAPTERS, **_shown(record))


def _shown(record: RunRecord) -> dict[str, Any]:
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
        "baseline": baseline_chapter(metrics),
        "proof": proof_chapter(metrics),
        "options": {name: _as_text(value) for name, value in record.options.items()},
    }


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_as_text(one)}" for name, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
