"""JSON Lines as parts: ranges of lines, parsed by polars."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.streams.byte_ranges import ByteRange, byte_ranges, read_range
from dechaff.data.streams.table_part import TableFiles, TablePart
from dechaff.data.streams.text_part import TextPart
from dechaff.errors import DataError

_HEAD = 2**20


def parse_jsonl(data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
    """The wanted fields of each record; null where a record lacks one."""
    if not data.strip():
        return pl.DataFrame(schema={name: schema[name] for name in columns})
    return pl.read_ndjson(data, schema={name: schema[name] for name in columns})


def open_jsonl(files: Sequence[Path]) -> TableFiles:
    """The lines of all files; types by their first megabyte.

    Raises
    ------
    DataError
        Where a file holds anything but one JSON object a line.
    """
    schemas: dict[str, Any] = {}
    parts: list[TablePart] = []
    first_row = 0
    for path in map(str, files):
        schemas[path] = schema = _schema(path)
        for some in byte_ranges(path, quoted=False):
            parts.append(TextPart(path, some, first_row, schema, parse_jsonl, quoted=False))
            first_row += some.n_records
    return TableFiles(tuple(parts), schemas, in_text=True)


def _schema(path: str) -> dict[str, Any]:
    head = read_range(path, ByteRange(0, _HEAD, 0, 1))
    whole = head if len(head) < _HEAD else head[: head.rfind(b"\n") + 1]
    if not whole.strip():
        raise DataError(
            f"the file {path}",
            "hold records",
            "none" if len(head) < _HEAD else "none in the first megabyte",
            "Leave it out, or check that it is whole.",
        )
    try:
        return _in_order(whole, pl.read_ndjson(whole, infer_schema_length=None).schema)
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"the file {path}{_first_broken(whole)}",
            "hold one JSON object in each line (JSON Lines)",
            str(error).splitlines()[0][:160],
            "Write one record a line, or fetch the file again where it was cut off; "
            "`jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines.",
        ) from error


def _first_broken(data: bytes) -> str:
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                return f", line {number}"
        except ValueError:
            return f", line {number}"
    return ""


def _in_order(data: bytes, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in the order in which they first stand; polars has those of long records in another one at each start."""
    found: dict[str, Any] = {}
    for line in filter(bytes.strip, data.split(b"\n")):
        found |= dict.fromkeys(json.loads(line))
        if len(found) == len(kinds):
            break
    return {name: kinds[name] for name in found}
