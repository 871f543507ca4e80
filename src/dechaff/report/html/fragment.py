"""The short form of the report for a notebook cell, in the colours of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dechaff.records.metrics import Examples, Metrics
from dechaff.report.headline import figures, verdict
from dechaff.report.html.chapters.findings import findings_chapter
from dechaff.report.html.environment import templates
from dechaff.report.record import record_of

if TYPE_CHECKING:
    from dechaff.report.html.chapters.findings import Findings

_MOST_ROWS = 5
_DOUBTFUL = ("L001", "P001", "P002")
"""Findings about the label of a row; the first ones are shown."""


def render_fragment(metrics: Metrics, examples: Examples | None = None, *, folder: str = "") -> str:
    """A piece of HTML for ``_repr_html_``: verdict, four numbers, findings by code, the first doubtful rows.

    Parameters
    ----------
    metrics, examples : the contents of ``metrics.json`` and ``examples.json``.
    folder : the run folder, to be shown; '' = not shown.
    """
    record = record_of(metrics, examples or {}, {}, pl.DataFrame())
    findings = findings_chapter(record)
    return (
        templates()
        .get_template("fragment.html.jinja")
        .render(
            dataset=record.metrics.dataset,
            row_name=record.metrics.dataset.id or "row",
            verdict=verdict(record.metrics),
            figures=figures(record),
            findings=findings,
            slices=record.metrics.slices[:_MOST_ROWS],
            doubtful=_doubtful(findings),
            folder=folder,
        )
    )


def _doubtful(findings: Findings) -> list[Any]:
    found = [example for block in findings.blocks if block.code.code in _DOUBTFUL for example in block.examples]
    return found[:_MOST_ROWS]
