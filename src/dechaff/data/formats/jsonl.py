"""JSON Lines: one record per line, untouched lines written back byte for byte."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.columns.cells import cells_from_values
from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import OnFraction, ignore_fraction
from dechaff.data.formats.part import PartText, TextFileForm, TextPart
from dechaff.data.formats.text import GIVEN, text_form
from dechaff.data.read import Read
from dechaff.data.source import like
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes, Json

_FIX = "Write one record per line; `jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines."


@dataclass(frozen=True)
class JsonlForm(TextFileForm):
    """How one file is written."""

    def records(self, text: str) -> list[tuple[int, int]]:
        """Where the lines that hold a record begin and end in a piece of the text."""
        found, start = [], 0
        for line in io.StringIO(text, newline="\n"):
            if line.strip():
                found.append((start, start + len(line)))
            start += len(line)
        return found

    def read_part(self, some: TextPart) -> Read:
        """The cells of a part; columns in the order in which they first occur."""
        text = self.text.decode(some.data())
        records, numbers, starts, ends, start = [], [], [], [], 0
        for number, line in enumerate(io.StringIO(text, newline="\n"), some.cut.line):
            if line.strip():
                records.append(record_of(self.path, self.text.shown(line), number))
                numbers.append(number)
                starts.append(start)
                ends.append(start + len(line))
            start += len(line)
        names = list(dict.fromkeys(name for record in records for name in record))
        _check_names(self.path, names, records, numbers)
        cells = tuple(cells_from_values(name, [record.get(name) for record in records]) for name in names)
        return Read(cells, len(records), PartText(self, text, starts, ends))

    def types_of(self, data: bytes) -> ColumnTypes:
        """Types of the columns by some records in UTF-8."""
        shown = data.decode()
        if not shown.strip():
            fix = "Check that the file is complete."
            raise DataError(f"No records found in the first megabyte of {self.path}.", fix=fix)
        try:
            return _in_order(shown, pl.read_ndjson(data, infer_schema_length=None).schema)
        except (KeyError, ValueError, pl.exceptions.PolarsError) as error:
            raise _first_mixed(self.path, shown) or DataError(
                f"the file {self.path}", "contain one JSON object in each line (JSON Lines)",
                str(error).splitlines()[0][:160], _FIX,
            ) from error  # fmt: skip

    def parse(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """The wanted fields of each record; null if a record lacks one."""
        kinds = {name: schema[name] for name in columns}
        return pl.read_ndjson(data, schema=kinds) if data.strip() else pl.DataFrame(schema=kinds)

    def field(self, record: str, name: str) -> str:
        """One field of a record, as JSON."""
        span = value_span(record, name)
        return "null" if span is None else record[span[0] : span[1]]

    def with_cell(self, record: str, name: str, text: str) -> str:
        """The record with a cell of the type that it had; '' is null."""
        old = json.loads(self.field(record, name))
        value = None if not text else text if old is None else like(old, text, f"the new cell of {name!r}")
        return self.with_field(record, name, json.dumps(value, ensure_ascii=False))

    def with_field(self, record: str, name: str, value: str) -> str:
        """The record with one field set, everything else as it was; an absent field is added at the end."""
        span = value_span(record, name)
        if span is not None:
            return record[: span[0]] + value + record[span[1] :]
        end = record.rindex("}")
        body = record[:end].rstrip()
        comma = "" if body.endswith("{") else ", "
        return f"{body}{comma}{json.dumps(name)}: {value}{record[end:]}"


def _in_order(text: str, kinds: Mapping[str, Any]) -> ColumnTypes:
    """Fields in the order in which they first stand; polars has those of long records in another one at each start."""
    found: ColumnTypes = {}
    for line in filter(str.strip, text.split("\n")):
        found |= dict.fromkeys(json.loads(line))
        if len(found) == len(kinds):
            break
    return {name: kinds[name] for name in found}


def jsonl_form(path: Path, *, encoding: str | None = None, on_fraction: OnFraction = ignore_fraction) -> JsonlForm:
    """The form of one file."""
    text = text_form(path, encoding, on_fraction)
    assumed = Assumption("encoding", text.encoding, text.why, "--encoding")
    return JsonlForm(path, () if text.why == GIVEN else (assumed,), (), text, dialect=None, body=len(text.bom), line=1)


def value_span(line: str, name: str) -> tuple[int, int] | None:
    """Where the value of a field is in one line; None if the record lacks it.

    Examples
    --------
    >>> line = '{"a": {"b": 1}, "b": "x"}'
    >>> line[slice(*value_span(line, "b"))]
    '"x"'
    """
    decoder = json.JSONDecoder()
    place = line.index("{") + 1
    found = None
    while True:
        place = _after_space(line, place)
        if line[place] == "}":
            return found
        key, place = decoder.raw_decode(line, place)
        start = _after_space(line, _after_space(line, place) + 1)
        _, place = decoder.raw_decode(line, start)
        if key == name:
            # JSON readers let the last of two fields of one name win.
            found = (start, place)
        place = _after_space(line, place)
        if line[place] == ",":
            place += 1


def _after_space(line: str, place: int) -> int:
    while line[place] in " \t\r\n":
        place += 1
    return place


def record_of(path: Path, line: str, number: int) -> Json:
    """The record in one line, or a DataError that names the line by its number."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, json.JSONDecodeError) else "a number or a nesting is too long"
        raise _bad_line(path, number, f"{line.strip()[:60]!r} ({why})") from error
    if not isinstance(record, dict):
        raise _bad_line(path, number, f"{line.strip()[:60]!r}")
    return record


def _first_mixed(path: Path, text: str) -> DataError | None:
    """The error for the first field that holds a list or object, but not in all lines; a line that is no object raises.

    polars refuses such a column without naming its place.
    """
    nested: dict[str, bool] = {}
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        record = record_of(path, line, number) if line.strip() else {}
        _check_names(path, list(record), [record], [number])
        for name, value in record.items():
            if value is not None and nested.setdefault(name, kind := isinstance(value, dict | list)) != kind:
                return DataError(
                    f"the field {name!r} of {path}",
                    "hold single values in all lines, or lists or objects in all",
                    f"{json.dumps(value)[:60]} in line {number}",
                    "Correct the line, or write the field as text in all lines.",
                )
    return None


def _check_names(path: Path, names: Sequence[str], records: Sequence[Json], numbers: Sequence[int]) -> None:
    """A DataError that names the first line with a field whose name has half of a character."""
    broken = {name for name in names if any("\ud800" <= letter <= "\udfff" for letter in name)}
    for record, number in zip(records, numbers if broken else (), strict=False):
        for name in record:
            if name in broken:
                raise _bad_line(path, number, f"the field {name!a}, which has half of a character,")


def _bad_line(path: Path, number: int, found: str) -> DataError:
    return DataError(
        f"the file {path}",
        "contain one JSON object in each line (JSON Lines)",
        f"{found} in line {number}",
        _FIX,
    )
