"""JSON Lines: one record a line, untouched lines written back byte for byte."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from dechaff.core.files import sha256_of, write_whole
from dechaff.data.cells import cells_from_values
from dechaff.data.dataset import Assumption
from dechaff.data.frames import like
from dechaff.data.read import Read
from dechaff.data.source import check_output
from dechaff.data.text_bytes import Decoded, decode
from dechaff.errors import DataError
from dechaff.typing import Mask


@dataclass(frozen=True)
class JsonlSource:
    """One JSONL file in memory: its lines, and the line that each row stands in."""

    path: Path
    sha256: str
    n_rows: int
    decoded: Decoded = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    line_of_row: tuple[int, ...] = field(repr=False)
    original: bytes = field(repr=False)
    label_name: str = ""
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    format: str = "jsonl"

    def bound(self, label_name: str, examples: Mapping[str, int]) -> Self:
        """The same file that knows its label field and a row of each class."""
        return replace(self, label_name=label_name, examples=examples)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> bytes:
        """Bytes of the new file, compressed where the input is."""
        return self._content(keep, labels, gzipped=self.decoded.gzipped)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new file at ``path``; compressed where its name ends in ``.gz``."""
        target = check_output(path, self.path, self.format)
        write_whole(target, self._content(keep, labels, gzipped=target.name.lower().endswith(".gz")))

    def _content(self, keep: Mask, labels: Mapping[int, str], *, gzipped: bool) -> bytes:
        changed = {row: name for row, name in labels.items() if keep[row]}
        if bool(np.all(keep)) and not changed and gzipped == self.decoded.gzipped:
            return self.original
        text = self.changed_text(keep, changed)
        if not self.decoded.text.endswith("\n"):
            text = text.removesuffix("\n").removesuffix("\r")
        return self.decoded.encode(text, gzipped=gzipped)

    def changed_text(self, keep: Mask, changed: Mapping[int, str]) -> str:
        """The lines without those of some records and with some labels changed; all else stays, sign by sign."""
        row_of_line = {line: row for row, line in enumerate(self.line_of_row)}
        pieces = []
        for number, line in enumerate(self.lines):
            row = row_of_line.get(number)
            if row is None or (keep[row] and row not in changed):
                pieces.append(line)
            elif keep[row]:
                pieces.append(with_value(line, self.label_name, self._literal(changed[row])))
        return "".join(pieces)

    def _literal(self, name: str) -> str:
        """The class as JSON, spelled as in the row that the file has of it."""
        row = self.examples.get(name)
        if row is not None:
            return self._label_of(row)
        some = next(iter(self.examples.values()), None)
        value = name if some is None else like(json.loads(self._label_of(some)), name)
        return json.dumps(value, ensure_ascii=self.decoded.text.isascii())

    def _label_of(self, row: int) -> str:
        line = self.lines[self.line_of_row[row]]
        span = value_span(line, self.label_name)
        assert span is not None  # a row of a class has a label
        return line[span[0] : span[1]]


def value_span(line: str, name: str) -> tuple[int, int] | None:
    """Where the value of a field stands in one line; None where the record lacks it.

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


def read_jsonl(path: Path, data: bytes, *, encoding: str | None = None) -> Read:
    """Every record of a JSONL file; columns in the order in which they first occur."""
    decoded = decode(path, data, encoding)
    shown = list(io.StringIO(decoded.shown, newline="\n"))
    numbers = [number for number, line in enumerate(shown) if line.strip()]
    records = [record_of(path, shown[number], number) for number in numbers]
    names = list(dict.fromkeys(name for record in records for name in record))
    source = JsonlSource(
        path=path,
        sha256=sha256_of(data),
        n_rows=len(records),
        decoded=decoded,
        lines=tuple(io.StringIO(decoded.text, newline="\n")),
        line_of_row=tuple(numbers),
        original=data,
    )
    cells = tuple(cells_from_values(name, [record.get(name) for record in records]) for name in names)
    assumed = () if encoding is not None else (Assumption("encoding", decoded.encoding, decoded.why, "--encoding"),)
    return Read(cells, len(records), source, assumed)


def record_of(path: Path, line: str, number: int) -> dict[str, Any]:
    """The record in one line, or a DataError that names the line, counted from 0."""
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
        f"{found} in line {number + 1}",
        "Write one record a line; `jq -c '.[]' file.json > file.jsonl` turns a JSON list into lines.",
    )
