"""CSV and TSV files: read by quote-aware records, written back with untouched records byte for byte."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.core.words import counted
from dechaff.data.columns.cells import cells_from_text
from dechaff.data.columns.names import check_distinct_names
from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import OnFraction, ignore_fraction
from dechaff.data.formats.csv_dialect import (
    DELIMITERS,
    NAMES,
    Dialect,
    Records,
    has_header,
    lines_above_header,
    parse_records,
    sniff_delimiter,
)
from dechaff.data.formats.part import PartText, TextFileForm, TextPart
from dechaff.data.formats.record_cuts import has_clear_quotes
from dechaff.data.formats.text import GIVEN, TextForm, decoded_head, text_form
from dechaff.data.read import Read
from dechaff.data.source import suffix_of
from dechaff.errors import DataError
from dechaff.typing import ColumnTypes

_SEPARATOR_LINE = re.compile(r"\Asep=([^\r\n])(?=\r|\n)", re.IGNORECASE)
"""Spreadsheets write the delimiter into a line of its own before the header."""
_FIX = "Quote fields that contain the delimiter, close every quote, or download the file again."


@dataclass(frozen=True)
class CsvForm(TextFileForm):
    """How one file is written: encoding, dialect, names of the columns, and where the first record begins."""

    dialect: Dialect

    def records(self, text: str) -> list[tuple[int, int]]:
        """Where records begin and end in a piece of the text."""
        found = self._parsed(text)
        return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))

    def read_part(self, some: TextPart) -> Read:
        """The cells of a part."""
        text = self.text.decode(some.data(whole=True))
        above = len(text) - len(self.text.decode(some.data())) if some.cut.start < self.body else 0
        records = self._parsed(self.text.shown(text[above:]))
        width = len(self.names)
        lengths = np.fromiter(map(len, records.rows), np.int64, len(records.rows))
        for row in np.flatnonzero(lengths != width).tolist():
            raise DataError(
                f"the file {self.path}",
                f"have {width} fields in each record, as in its first",
                f"{lengths[row]} fields in line {some.cut.line + records.lines[row] - 1}",
                _FIX,
            )
        columns = zip(*records.rows, strict=True) if records.rows else ((),) * width
        cells = tuple(cells_from_text(name, column) for name, column in zip(self.names, columns, strict=True))
        spans = (records.starts + above).tolist(), (records.ends + above).tolist()
        return Read(cells, len(records.rows), PartText(self, text, *spans))

    def _parsed(self, text: str) -> Records:
        return parse_records(text, self.dialect, unix=self.text.line_end == "\n")

    def end_of_records(self, text: str) -> int:
        """Where the last complete record ends in a piece of the text."""
        bare = not self.dialect.quoted or '"' not in text
        return (super().end_of_records(text) if bare else [(0, 0), *self.records(text)][-1][0]) or len(text)

    def types_of(self, data: bytes) -> ColumnTypes:
        """Types of the columns by some records in UTF-8."""
        if not data.strip():
            return dict.fromkeys(self.names, pl.Float64())
        try:
            kinds = pl.read_csv(self._clear(data), has_header=False, infer_schema_length=None, **self._reading).dtypes
        except pl.exceptions.PolarsError as error:
            raise DataError(f"Cannot read {self.path} as CSV: {str(error).splitlines()[0][:160]}.", fix=_FIX) from error
        return {name: _wide(kind) for name, kind in zip(self.names, kinds, strict=True)}

    def parse(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """The wanted columns; all are parsed, since only a row of nothing is a blank line."""
        if not data.strip():
            return pl.DataFrame(schema=dict(schema)).select(columns)
        frame = pl.read_csv(self._clear(data), has_header=False, schema=dict(schema), **self._reading)
        return frame.filter(~pl.all_horizontal(pl.all().is_null())).select(columns)

    def _clear(self, data: bytes) -> bytes:
        """The same records, each field with a quote in it in quotes: polars would take it for an open one."""
        if not self.dialect.quoted or b'"' not in data or has_clear_quotes(data, self.dialect.delimiter):
            return data
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=self.dialect.delimiter, lineterminator="\n")
        writer.writerows(parse_records(data.decode(), self.dialect, unix=True).rows)
        return stream.getvalue().encode()

    @property
    def _reading(self) -> dict[str, Any]:
        return {"separator": self.dialect.delimiter, "quote_char": '"' if self.dialect.quoted else None}

    def field(self, record: str, name: str) -> str:
        """One field of a record."""
        start, end = field_spans(record, self.dialect)[self.names.index(name)]
        return self.text.shown(_unquoted(record[start:end], self.dialect))

    def with_field(self, record: str, name: str, value: str) -> str:
        """The record with another field, in quotes if the old one or the new one needs them; a new one at its end."""
        if name not in self.names:
            end = len(record.rstrip("\r\n"))
            return f"{record[:end]}{self.dialect.delimiter}{self._quoted(value, always=False)}{record[end:]}"
        start, end = field_spans(record, self.dialect)[self.names.index(name)]
        return record[:start] + self._quoted(value, always=record[start:end].startswith('"')) + record[end:]

    def above_with(self, above: str, name: str) -> str:
        """The header and what stands above it, with another column at the end."""
        return above if name in self.names or not above.strip() else self.with_field(above, name, name)

    def labelled(self, record: str, name: str, value: str | None) -> str:
        """The record with a label, an empty one if it has none and the column is new."""
        return record if value is None and name in self.names else self.with_field(record, name, value or "")

    def _quoted(self, value: str, *, always: bool) -> str:
        delimiter = self.dialect.delimiter
        if self.dialect.quoted:
            if always or re.search(r'["\r\n]', value) or delimiter in value:
                return '"' + value.replace('"', '""') + '"'
            return value
        if re.search(r"[\r\n]", value) or delimiter in value:
            raise DataError(
                f"the new label {value!r}",
                "contain no delimiter and no line break, because the file uses no quotes",
                "one of them in it",
                "Choose another name for the class.",
            )
        return value


def _wide(kind: Any) -> Any:
    """Types that later records will fit as well."""
    return pl.Int64 if kind.is_integer() else pl.Float64 if kind.is_float() else kind


def field_spans(record: str, dialect: Dialect) -> list[tuple[int, int]]:
    """Where each field of one record stands, quotes included, line end excluded.

    Examples
    --------
    >>> field_spans('a,"b,""c",d\\n', Dialect(","))
    [(0, 1), (2, 9), (10, 11)]
    """
    end = len(record.rstrip("\r\n"))
    mark = re.escape(dialect.delimiter)
    # After its closing quote a field goes on to the delimiter, as Python's csv reader has it.
    quoted = rf'"[^"]*(?:""[^"]*)*(?:"[^{mark}]*|\Z)|' if dialect.quoted else ""
    one_field = re.compile(rf"(?:{quoted}[^{mark}]*)")
    spans, place = [], 0
    while True:
        found = one_field.match(record, place, end)
        stop = found.end() if found else place
        spans.append((place, stop))
        if stop >= end:
            return spans
        place = stop + 1


def _unquoted(spelled: str, dialect: Dialect) -> str:
    if not dialect.quoted or not spelled.startswith('"'):
        return spelled
    return next(csv.reader([spelled], delimiter=dialect.delimiter))[0]


def csv_form(
    path: Path,
    *,
    label: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    on_fraction: OnFraction = ignore_fraction,
) -> CsvForm:
    """The form of one file, from its first megabyte and, for the encoding, all of it; `header` if that is known."""
    form = text_form(path, encoding, on_fraction)
    head = _Head.of(path, form, label)
    mark, reason = head.named if head.named and delimiter is None else _delimiter(path, head.shown, label, delimiter)
    others = () if delimiter is not None else tuple(other for other in DELIMITERS if other != mark)
    dialect, records = _records(path, head, (mark, *others), label)
    has, why = (True, "it must be") if header else has_header(records.rows, label)
    first = records.rows[0]
    names = _names(first) if has else [f"column_{place}" for place in range(len(first))]
    check_distinct_names(names, f"the header of {path}")
    above = head.text[: int(records.ends[0] if has else records.starts[0])]
    assumed = [
        Assumption("delimiter", NAMES.get(mark, repr(mark)), reason, "--delimiter"),
        Assumption("encoding", form.encoding + (" with byte order mark" if form.bom else ""), form.why, "--encoding"),
        Assumption("header", "first record" if has else "none", why, "--label"),
    ]
    if not dialect.quoted:
        assumed.append(Assumption("quotes", "none", "read with quotes, the records differ in length", "--delimiter"))
    given = {"--delimiter"} if delimiter is not None and dialect.quoted else set()
    given |= {"--encoding"} if form.why == GIVEN else set()
    return CsvForm(
        path=path,
        assumptions=tuple(one for one in assumed if one.flag not in given),
        fields=tuple((name, "text") for name in names),
        text=form,
        dialect=dialect,
        body=len(form.bom) + len(form.encode(above)),
        line=1 + above.count(form.line_end),
    )


@dataclass(frozen=True)
class _Head:
    """The first records of a file, all of them if it is small."""

    text: str
    shown: str
    """as it is shown, without a line that names the delimiter."""
    whole: bool
    named: tuple[str, str] | None
    """What that line names, and why it is believed."""
    unix: bool

    @classmethod
    def of(cls, path: Path, form: TextForm, label: str | None) -> _Head:
        text, whole = decoded_head(path, form)
        shown = form.shown(text)
        found = _SEPARATOR_LINE.match(shown)
        named = None
        if found is not None:
            shown = " " * found.end() + shown[found.end() :]
            named = (found.group(1), f"the first line says {found.group()}")
        return cls(text, shown, whole, named, form.line_end == "\n")

    def records(self, dialect: Dialect) -> Records:
        """Those that are whole."""
        found = parse_records(self.shown, dialect, unix=self.unix)
        kept = len(found.rows) if self.whole or len(found.rows) < 3 else len(found.rows) - 1
        return Records(found.rows[:kept], found.starts[:kept], found.ends[:kept], found.lines[:kept])

    @cached_property
    def whole_lines(self) -> str:
        """The text up to its last line end."""
        return self.shown if self.whole else self.shown[: self.shown.rfind("\n") + 1] or self.shown


def _delimiter(path: Path, shown: str, label: str | None, given: str | None) -> tuple[str, str]:
    if given is None:
        return sniff_delimiter(shown, label, tab_first=suffix_of(path) in (".tsv", ".tab"))
    by_name = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "pipe": "|"}
    mark = by_name.get(given, given)
    if len(mark) != 1 or mark in '"\r\n':
        raise DataError(
            "the delimiter",
            "be one character",
            repr(given),
            f"Use one of {' '.join(map(repr, DELIMITERS))}, or its name.",
        )
    return mark, GIVEN


def _names(first: Sequence[str]) -> list[str]:
    """Column names without the spaces around them; the unnamed first column of an exported frame is "index"."""
    names = [name.strip() for name in first]
    if names and not names[0] and "index" not in names:
        names[0] = "index"
    return names


def _records(path: Path, head: _Head, marks: Sequence[str], label: str | None) -> tuple[Dialect, Records]:
    """The records by the dialect that gives each as many fields as the header, with quotes if possible.

    The first of the ``marks`` is the delimiter; by the others, lines above the header may show.
    """
    quoted, bare = Dialect(marks[0]), Dialect(marks[0], quoted=False)
    records = head.records(quoted)
    problem = _ragged(path, head, records, quoted)
    first = records.rows[0]
    if problem is not None or (first[0].startswith("#") and label not in first):
        problem = lines_above_header(path, head.whole_lines, marks, label) or problem
    if problem is None:
        return quoted, records
    plain = head.records(bare)
    if _ragged(path, head, plain, bare) is None and _quotes_are_text(plain.rows):
        return bare, plain
    raise problem


def _quotes_are_text(rows: list[list[str]]) -> bool:
    """True if there are quotes, and none of them wraps a field."""
    wrapped = any(len(cell) > 1 and cell.startswith('"') and cell.endswith('"') for row in rows for cell in row)
    return len(rows[0]) > 1 and not wrapped and any('"' in cell for row in rows for cell in row)


def _ragged(path: Path, head: _Head, records: Records, dialect: Dialect) -> DataError | None:
    width = len(records.rows[0])
    lengths = np.fromiter(map(len, records.rows), np.int64, len(records.rows))
    bad = np.flatnonzero(lengths != width)
    if len(bad):
        row = int(bad[0])
        return DataError(
            f"the file {path}",
            f"have {width} fields in each record, as in its first",
            f"{counted(int(lengths[row]), 'field')} in line {records.lines[row]} "
            f"({counted(len(bad), 'such record')} among {len(lengths):,})",
            "Quote fields that contain the delimiter, delete lines that are not rows, or name the "
            "delimiter with --delimiter.",
        )
    last = head.shown[records.starts[-1] : records.ends[-1]]
    if dialect.quoted and head.whole and _open_quote(last, dialect):
        return DataError(
            f"A double quote is never closed in {path}, in the record that starts in line {records.lines[-1]}.",
            fix="Close the quote, or double it if it is part of the text.",
        )
    return None


def _open_quote(record: str, dialect: Dialect) -> bool:
    start, end = field_spans(record, dialect)[-1]
    spelled = record[start:end]
    return spelled.startswith('"') and re.match(r'"(?:[^"]|"")*"(?!")', spelled) is None
