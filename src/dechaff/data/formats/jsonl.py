"""JSON Lines: one record per line, untouched lines written back byte for byte."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from dechaff.data.columns.cells import cells_from_values
from dechaff.data.dataset import Assumption
from dechaff.data.formats import part
from dechaff.data.formats.content import OnFraction, ignore_fraction
from dechaff.data.formats.part import TextPart, text_parts
from dechaff.data.formats.record_cuts import Cut, record_cuts
from dechaff.data.formats.text import GIVEN, TextForm, TextWriter, decoded_head, text_form
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes, Json, Mask

_FIX = "Write one record per line; `jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines."


@dataclass(frozen=True)
class JsonlForm:
    """How one file is written."""

    path: Path
    text: TextForm

    @property
    def body(self) -> int:
        """Where the first line begins."""
        return len(self.text.bom)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The encoding."""
        if self.text.why == GIVEN:
            return ()
        return (Assumption("encoding", self.text.encoding, self.text.why, "--encoding"),)

    def parts(self, file: int, first_row: int, *, on_fraction: OnFraction = ignore_fraction) -> list[TextPart]:
        """Runs of lines."""
        return text_parts(self, file, first_row, self._cuts(part.PART_BYTES, on_fraction))

    def number_parts(self, file: int, first_row: int, *, on_fraction: OnFraction = ignore_fraction) -> list[TextPart]:
        """Longer runs of lines."""
        return text_parts(self, file, first_row, self._cuts(part.NUMBERS_BYTES, on_fraction))

    def _cuts(self, part_bytes: int, on_fraction: OnFraction) -> list[Cut]:
        return list(record_cuts(self.path, self.text, None, self.body, 1, part_bytes, on_fraction))

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
        lines = list(io.StringIO(text, newline="\n"))
        shown = list(map(self.text.shown, lines)) if self.text.escaped else lines
        places = [place for place, line in enumerate(shown) if line.strip()]
        records = [record_of(self.path, shown[place], some.cut.line + place) for place in places]
        names = list(dict.fromkeys(name for record in records for name in record))
        cells = tuple(cells_from_values(name, [record.get(name) for record in records]) for name in names)
        return Read(cells, len(records), JsonlText(tuple(lines), tuple(places), self))

    def schema(self) -> ColumnTypes:
        """Types of the columns by the first megabyte of records."""
        text, whole = decoded_head(self.path, self.text)
        shown = self.text.shown(text if whole else text[: text.rfind("\n") + 1])
        if not shown.strip():
            raise DataError(
                f"the file {self.path}", "hold records", "none in the first megabyte", "Check that it is whole."
            )
        return self.types_of(shown.encode())

    def types_of(self, data: bytes) -> ColumnTypes:
        """Types of the columns by some records in UTF-8."""
        shown = data.decode()
        try:
            return _in_order(shown, pl.read_ndjson(data, infer_schema_length=None).schema)
        except pl.exceptions.PolarsError as error:
            for number, line in enumerate(io.StringIO(shown, newline="\n"), 1):
                if line.strip():
                    record_of(self.path, line, number)
            raise DataError(
                f"the file {self.path}", "hold one JSON object in each line (JSON Lines)",
                str(error).splitlines()[0][:160], _FIX,
            ) from error  # fmt: skip

    def parse(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """The wanted fields of each record; null if a record lacks one."""
        kinds = {name: schema[name] for name in columns}
        return pl.read_ndjson(data, schema=kinds) if data.strip() else pl.DataFrame(schema=kinds)

    def writer(self, stream: IO[bytes], label_name: str, spellings: Mapping[str, Any], *, gzipped: bool) -> JsonlWriter:
        """Writes the new form of the file."""
        return JsonlWriter(TextWriter(stream, self.text, self.path, gzipped=gzipped), label_name, spellings)


def _in_order(text: str, kinds: Mapping[str, Any]) -> ColumnTypes:
    """Fields in the order in which they first stand; polars has those of long records in another one at each start."""
    found: ColumnTypes = {}
    for line in filter(str.strip, text.split("\n")):
        found |= dict.fromkeys(json.loads(line))
        if len(found) == len(kinds):
            break
    return {name: kinds[name] for name in found}


@dataclass(frozen=True)
class JsonlText:
    """The lines of a part, and the line that each row stands in."""

    lines: tuple[str, ...] = field(repr=False)
    line_of_row: tuple[int, ...] = field(repr=False)
    form: JsonlForm

    def spelling(self, label_name: str, row: int) -> str:
        """The label of one row as JSON, as its file holds it."""
        line = self.lines[self.line_of_row[row]]
        span = value_span(line, label_name)
        return "null" if span is None else line[span[0] : span[1]]

    def changed(self, keep: Mask, label_name: str, literals: Mapping[int, str]) -> str:
        """The lines without those of some records and with one field of some set; all else stays as it is."""
        row_of_line = {line: row for row, line in enumerate(self.line_of_row)}
        pieces = []
        for number, line in enumerate(self.lines):
            row = row_of_line.get(number)
            if row is None or (keep[row] and row not in literals):
                pieces.append(line)
            elif keep[row]:
                pieces.append(with_value(line, label_name, literals[row]))
        return "".join(pieces)


@dataclass
class JsonlWriter:
    """Writes the parts of one file."""

    out: TextWriter
    label_name: str
    spellings: Mapping[str, str]

    def add(self, part: Any, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One part."""
        assert isinstance(read.source, JsonlText)
        literals = {row: self.spellings[name] for row, name in labels.items()}
        self.out.add(read.source.changed(np.asarray(keep, dtype=bool), self.label_name, literals))

    def close(self) -> None:
        """Nothing follows."""
        self.out.close()


def jsonl_form(path: Path, *, encoding: str | None = None, on_fraction: OnFraction = ignore_fraction) -> JsonlForm:
    """The form of one file."""
    return JsonlForm(path, text_form(path, encoding, on_fraction))


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


def with_value(line: str, name: str, literal: str) -> str:
    """The line with one field set, everything else as it was; an absent field is added at the end."""
    span = value_span(line, name)
    if span is not None:
        return line[: span[0]] + literal + line[span[1] :]
    end = line.rindex("}")
    body = line[:end].rstrip()
    comma = "" if body.endswith("{") else ", "
    return f"{body}{comma}{json.dumps(name)}: {literal}{line[end:]}"


def _after_space(line: str, place: int) -> int:
    while line[place] in " \t\r\n":
        place += 1
    return place


def record_of(path: Path, line: str, number: int) -> Json:
    """The record in one line, or a DataError that names the line by its number."""
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _bad_line(path, number, f"{line.strip()[:60]!r} ({error})") from error
    if not isinstance(record, dict):
        raise _bad_line(path, number, f"{line.strip()[:60]!r}")
    return record


def _bad_line(path: Path, number: int, found: str) -> DataError:
    return DataError(
        f"the file {path}",
        "hold one JSON object in each line (JSON Lines)",
        f"{found} in line {number}",
        _FIX,
    )
