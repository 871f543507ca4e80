"""The report as JSON: everything that was found, under a published schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dechaff.report.headline import verdict
from dechaff.report.record import read_record
from dechaff.report.schema import FindingRow, Report

if TYPE_CHECKING:
    import polars as pl


def render_json(
    metrics: Mapping[str, Any], examples: Mapping[str, Any], options: Mapping[str, Any], findings: pl.DataFrame
) -> dict[str, Any]:
    """The report as plain JSON values, in the form of ``docs/report-schema.json``.

    Parameters
    ----------
    metrics, examples, options : the contents of ``metrics.json``, ``examples.json`` and ``options.json``.
    findings : the frame of ``findings.parquet``; every row of it is in the result.

    Returns
    -------
    dict
        Keys ``schema``, ``verdict``, ``metrics``, ``options``, ``findings``, ``examples``. Numbers that are not
        finite are null.

    Raises
    ------
    RunError
        Where an argument does not have the form that dechaff writes.
    """
    record = read_record(metrics, examples, options, findings)
    report = Report(
        verdict=verdict(record.metrics),
        metrics=record.metrics,
        options=record.options,
        findings=tuple(msgspec.convert(row, FindingRow) for row in findings.iter_rows(named=True)),
        examples=record.examples,
    )
    # Through the encoder and back: it is what turns NaN into null and tuples into lists.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    return plain
