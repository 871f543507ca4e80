"""Reads the plain dictionaries of a run folder into the typed record that the reports are written from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from dechaff.errors import RunError
from dechaff.report.facts import Metrics
from dechaff.report.schema import Example

if TYPE_CHECKING:
    import polars as pl

_SURROGATE = re.compile("[\ud800-\udfff]")
SHOWN_OPTIONS = (
    "source", "label", "positive", "scheme", "id", "test", "test_size", "split", "group", "text", "categorical",
    "numeric", "date", "drop", "delimiter", "encoding", "model", "probs", "features", "policy", "metric", "rounds",
    "seeds", "seed", "environment",
)  # fmt: skip
"""The options that decide what an audit finds. Times, the number of threads and the place of the output are not
among them: a report has the same bytes wherever and whenever it is written."""


@dataclass(frozen=True)
class RunRecord:
    """All that a report is written from."""

    metrics: Metrics
    examples: dict[str, tuple[Example, ...]]
    options: dict[str, Any]
    findings: pl.DataFrame


def read_record(
    metrics: Mapping[str, Any],
    examples: Mapping[str, Any],
    options: Mapping[str, Any],
    findings: pl.DataFrame,
) -> RunRecord:
    """The typed record of one run.

    Parameters
    ----------
    metrics, examples, options : the contents of ``metrics.json``, ``examples.json`` and ``options.json``.
    findings : the frame of ``findings.parquet``.

    Raises
    ------
    RunError
        Where one of them does not have the form that dechaff writes.
    """
    metrics, examples, options = _encodable(metrics), _encodable(examples), _encodable(options)
    return RunRecord(
        metrics=_convert(metrics, Metrics, "metrics.json"),
        examples=_with_fields(_convert(examples, dict[str, tuple[Example, ...]], "examples.json"), findings),
        options={name: options[name] for name in SHOWN_OPTIONS if _given(options.get(name))},
        findings=findings,
    )


def _convert(content: Mapping[str, Any], form: Any, name: str) -> Any:
    try:
        return msgspec.convert(dict(content), form, strict=False)
    except msgspec.ValidationError as error:
        raise RunError(
            name, "have the form that dechaff writes", str(error), "Run the audit again to write the folder anew."
        ) from error


def _encodable(value: Any) -> Any:
    """The same values without lone surrogates, which no file in UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("�", value)
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(one) for name, one in value.items()}
    return [_encodable(one) for one in value] if isinstance(value, list | tuple) else value


def _given(value: object) -> bool:
    return value is not None and value != "" and not (isinstance(value, Sequence | Mapping) and len(value) == 0)


def _with_fields(examples: dict[str, tuple[Example, ...]], findings: pl.DataFrame) -> dict[str, tuple[Example, ...]]:
    """An example about a column or class names it, also where only the frame of findings does."""
    wanted = {example.finding_id for rows in examples.values() for example in rows if not example.field}
    fields: dict[str, str] = {}
    if wanted and findings.height:
        found = findings.filter(findings["finding_id"].is_in(sorted(wanted)))
        fields = dict(zip(found["finding_id"].to_list(), found["field"].to_list(), strict=True))
    return {
        code: tuple(_with_field(example, fields.get(example.finding_id)) for example in rows)
        for code, rows in examples.items()
    }


def _with_field(example: Example, field: str | None) -> Example:
    return msgspec.structs.replace(example, field=example.field or field or "")
