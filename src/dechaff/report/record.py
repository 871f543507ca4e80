"""The typed record of a run that every report is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from dechaff.records.metrics import Example, Examples, Metrics
from dechaff.records.options import PUOptions, RecipeOptions, deciding
from dechaff.records.record import encodable
from dechaff.records.run import Run
from dechaff.typing import Json

if TYPE_CHECKING:
    import polars as pl

SHOWN_OPTIONS = ("source", *dict.fromkeys((*deciding(PUOptions), *deciding(RecipeOptions))), "environment")
"""The options on which the findings depend. Times, the number of threads and the output folder are not
among them, so that a report always has the same bytes."""


@dataclass(frozen=True)
class RunRecord:
    """The input of every report."""

    metrics: Metrics
    examples: Examples
    options: Json
    findings: pl.DataFrame


def open_record(run: Run) -> RunRecord:
    """The input of a report of a run folder; findings without their sentences."""
    return record_of(run.metrics, run.examples, run.options, run.findings_in_short)


def record_of(metrics: Metrics, examples: Examples, options: Mapping[str, Any], findings: pl.DataFrame) -> RunRecord:
    """The input of a report, from the parts of a run.

    Parameters
    ----------
    metrics, examples, options : the contents of ``metrics.json``, ``examples.json`` and ``options.json``.
    findings : the frame of ``findings.parquet``.
    """
    shown = {name: encodable(options[name]) for name in SHOWN_OPTIONS if _given(options.get(name))}
    return RunRecord(metrics, _with_fields(examples, findings), shown, findings)


def _given(value: object) -> bool:
    return (
        value is not None
        and value is not False
        and value != ""
        and not (isinstance(value, Sequence | Mapping) and len(value) == 0)
    )


def _with_fields(examples: Examples, findings: pl.DataFrame) -> Examples:
    """Examples about a column or class, with its name from the frame of findings."""
    wanted = {example.finding_id for rows in examples.values() for example in rows if not example.field}
    fields: dict[str, str] = {}
    if wanted:
        found = findings.filter(findings["finding_id"].is_in(sorted(wanted)))
        fields = dict(zip(found["finding_id"].to_list(), found["field"].to_list(), strict=True))

    def named(example: Example) -> Example:
        return msgspec.structs.replace(example, field=example.field or fields.get(example.finding_id) or "")

    return {code: tuple(map(named, rows)) for code, rows in examples.items()}
