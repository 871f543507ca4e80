"""The report as JSON, with every finding, and its published schema."""

from __future__ import annotations

from inspect import cleandoc

import msgspec

from dechaff.records.findings import FindingRow
from dechaff.records.metrics import Example, Metrics
from dechaff.records.record import Record
from dechaff.report.headline import Verdict, verdict
from dechaff.report.record import RunRecord
from dechaff.typing import Json

SCHEMA_NAME = "dechaff-report/1"
"""The version of the JSON report: the number grows when a field changes its meaning or goes away."""


class Report(Record, frozen=True, kw_only=True):
    """The JSON report: the content of the other forms, and every finding."""

    schema: str = SCHEMA_NAME
    verdict: Verdict
    metrics: Metrics
    options: Json
    findings: tuple[FindingRow, ...]
    examples: dict[str, tuple[Example, ...]]


def report_schema() -> Json:
    """JSON Schema of the JSON report, as published in ``docs/report-schema.json``.

    Examples
    --------
    >>> report_schema()["title"]
    'dechaff report'
    """
    schema = msgspec.json.schema(Report)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dechaff report",
        "$ref": schema["$ref"],
        "$defs": {name: _described(kind) for name, kind in schema["$defs"].items()},
    }


def _described(kind: Json) -> Json:
    """Texts without the indentation of the source, which msgspec leaves in them before version 0.23."""
    return {**kind, "description": cleandoc(kind["description"])} if "description" in kind else kind


def render_json(record: RunRecord) -> Json:
    """The report as plain JSON values, in the form of ``docs/report-schema.json``.

    Parameters
    ----------
    record : of a run, with every column of its findings; every row of them is in the result.

    Returns
    -------
    dict
        Keys ``schema``, ``verdict``, ``metrics``, ``options``, ``findings``, ``examples``. Numbers that are not
        finite are null.
    """
    report = Report(
        verdict=verdict(record.metrics),
        metrics=record.metrics,
        options=record.options,
        findings=tuple(msgspec.convert(row, FindingRow) for row in record.findings.iter_rows(named=True)),
        examples=record.examples,
    )
    # Through the encoder and back, which turns NaN into null and tuples into lists.
    plain: Json = msgspec.json.decode(msgspec.json.encode(report))
    return plain
