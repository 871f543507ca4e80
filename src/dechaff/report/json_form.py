"""The report as JSON: all findings, under a published schema."""

from __future__ import annotations

import msgspec

from dechaff.report.headline import verdict
from dechaff.report.record import RunRecord
from dechaff.report.schema import FindingRow, Report
from dechaff.typing import Json


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
