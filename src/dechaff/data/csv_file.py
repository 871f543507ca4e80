"""CSV and TSV files: read by quote-aware records, written back with untouched records byte for byte."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from dechaff.core.files import sha256_of, write_whole
from dechaff.data.cells import cells_from_text
from dechaff.data.columns import check_distinct_names
from dechaff.data.csv_dialect import DELIMITERS, NAMES, Dialect, Records, has_header, parse_records, sniff_delimiter
from dechaff.data.csv_preamble import lines_above_header
from dechaff.data.dataset import Assumption
from dechaff.data.read import Read
from dechaff.data.source import check_output, suffix_of
from dechaff.data.text_bytes import Decoded, decode
from dechaff.errors import DataError
from dechaff.typing import Mask

_LINE_END = re.compile(r"[\r\n]*\Z")
_SEPARATOR_LINE = re.compile(r"\Asep=([^\r\n])(?=\r|\n)", re.IGNORECASE)
"""Spreadsheets write the delimiter into a line of its own before the header."""


@dataclass(frozen=True)
class CsvSource:
    """One CSV file in memory: its text, and the piece of it that each row stands in."""

    path: Path
    sha256: str
    n_rows: int
    decoded: Decoded = field(repr=False)
    dialect: Dialect
    names: tuple[str, ...]
    starts: npt.NDArray[np.int64] = field(repr=False)
    ends: npt.NDArray[np.int64] = field(repr=False)
    original: bytes = field(repr=False)
    label_name: str = ""
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    format: str = "csv"

    def bound(self, label_name: str, examples: Mapping[str, int]) -> Self:
        """The same file that knows its label column and a row of each class."""
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
        return self.decoded.encode(self._ending_as_before(self.changed_text(keep, changed)), gzipped=gzipped)

    def changed_text(self, keep: Mask, changed: Mapping[int, str]) -> str:
        """The text without some of its records and with some labels changed; all else stays, sign by sign."""
        text = self.decoded.text
        pieces, place = [], 0
        for row in range(self.n_rows):
            # What lies between records (blank lines, the header before the first) always stays.
            start, end = int(self.starts[row]), int(self.ends[row])
            pieces.append(text[place:start])
            if row in changed:
                pieces.append(self._relabelled(text[start:end], changed[row]))
            elif keep[row]:
                pieces.append(text[start:end])
            place = end
        pieces.append(text[place:])
        return "".join(pieces)

    def _ending_as_before(self, text: str) -> str:
        """A final line end only where the input has one; the record that lost it may be another now."""
        if self.decoded.text.endswith(("\n", "\r")):
            return text
        return _LINE_END.sub("", text)

    def _relabelled(self, record: str, name: str) -> str:
        place = self.names.index(self.label_name)
        start, end = field_spans(record, self.dialect)[place]
        return record[:start] + self._field(name, quoted=record[start:end].startswith('"')) + record[end:]

    def _field(self, name: str, *, quoted: bool) -> str:
        """The class as the file usually spells it, in quotes where the old label or the new one needs them."""
        value = self._spelling(name)
        if not self.dialect.quoted:
            return self._bare(value)
        if quoted or re.search(r'["\r\n]', value) or self.dialect.delimiter in value:
            return '"' + value.replace('"', '""') + '"'
        return value

    def _bare(self, value: str) -> str:
        if re.search(r"[\r\n]", value) or self.dialect.delimiter in value:
            raise DataError(
                f"the new label {value!r}",
                "do without the delimiter, because the file has no quotes",
                "the delimiter or a line end in it",
                "Choose another name for the class.",
            )
        return value

    def _spelling(self, name: str) -> str:
        if name not in self.examples:
            return name
        row = self.examples[name]
        record = self.decoded.text[self.starts[row] : self.ends[row]]
        start, end = field_spans(record, self.dialect)[self.names.index(self.label_name)]
        return _unquoted(record[start:end], self.dialect)


def field_spans(record: str, dialect: Dialect) -> list[tuple[int, int]]:
    """Where each field of one record stands, quotes included, line end excluded.

    Examples
    --------
    >>> field_spans('a,"b,""c",d\\n', Dialect(","))
    [(0, 1), (2, 9), (10, 11)]
    """
    end = len(record) - len(_LINE_END.search(record).group())  # type: ignore[union-attr]
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


def read_csv(
    path: Path, data: bytes, *, label: str | None = None, delimiter: str | None = None, encoding: str | None = None
) -> Read:
    """Every row of a CSV or TSV file, with what was assumed about it."""
    decoded = decode(path, data, encoding)
    shown, named = without_separator_line(decoded.shown)
    mark, reason = named if named and delimiter is None else _delimiter(path, shown, label, delimiter)
    others = () if delimiter is not None else tuple(other for other in DELIMITERS if other != mark)
    dialect, records = _records(path, shown, (mark, *others), label)
    header, why_header = has_header(records.rows, label)
    first = records.rows[0]
    names = _names(first) if header else [f"column_{place}" for place in range(len(first))]
    check_distinct_names(names, f"the header of {path}")
    start = 1 if header else 0
    rows = records.rows[start:]
    if not rows:
        raise DataError(
            f"the file {path}", "hold rows below its header", "only a header", "Check that the right file was named."
        )
    source = CsvSource(
        path=path,
        sha256=sha256_of(data),
        n_rows=len(rows),
        decoded=decoded,
        dialect=dialect,
        names=tuple(names),
        starts=records.starts[start:],
        ends=records.ends[start:],
        original=data,
    )
    columns = zip(*rows, strict=True)
    cells = tuple(cells_from_text(name, column) for name, column in zip(names, columns, strict=True))
    assumed = [
        Assumption("delimiter", NAMES.get(mark, repr(mark)), reason, "--delimiter"),
        Assumption("encoding", _encoding_name(decoded), decoded.why, "--encoding"),
        Assumption("header", "first record" if header else "none", why_header, "--label"),
    ]
    if not dialect.quoted:
        assumed.append(Assumption("quotes", "none", "read with quotes, the records differ in length", "--delimiter"))
    said = {"--delimiter"} if delimiter is not None and dialect.quoted else set()
    said |= {"--encoding"} if encoding is not None else set()
    return Read(cells, len(rows), source, tuple(a for a in assumed if a.flag not in said))


def without_separator_line(shown: str) -> tuple[str, tuple[str, str] | None]:
    """The text with that line made blank, which is no record and keeps its place; what it says, and where."""
    found = _SEPARATOR_LINE.match(shown)
    if found is None:
        return shown, None
    return " " * found.end() + shown[found.end() :], (found.group(1), f"the first line says {found.group()}")


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
    return mark, "you said so"


def _encoding_name(decoded: Decoded) -> str:
    return decoded.encoding + (" with byte order mark" if decoded.bom else "")


def _names(first: Sequence[str]) -> list[str]:
    """Column names without the spaces around them; the unnamed first column of an exported frame is "index"."""
    names = [name.strip() for name in first]
    if names and not names[0] and "index" not in names:
        names[0] = "index"
    return names


def _records(path: Path, shown: str, marks: Sequence[str], label: str | None) -> tuple[Dialect, Records]:
    """The records by the dialect that gives each as many fields as the header, with quotes if possible.

    The first of the ``marks`` is the delimiter; by the others, lines above the header may show.
    """
    quoted, bare = Dialect(marks[0]), Dialect(marks[0], quoted=False)
    records = parse_records(shown, quoted)
    problem = _ragged(path, shown, records, quoted)
    first = records.rows[0]
    if problem is not None or (first[0].startswith("#") and label not in first):
        problem = lines_above_header(path, shown, marks, label) or problem
    if problem is None:
        return quoted, records
    plain = parse_records(shown, bare)
    if _ragged(path, shown, plain, bare) is None and _quotes_are_text(plain.rows):
        return bare, plain
    raise problem


def _quotes_are_text(rows: list[list[str]]) -> bool:
    """True where there are quotes, and none of them wraps a field."""
    wrapped = any(len(cell) > 1 and cell.startswith('"') and cell.endswith('"') for row in rows for cell in row)
    return len(rows[0]) > 1 and not wrapped and any('"' in cell for row in rows for cell in row)


def _ragged(path: Path, text: str, records: Records, dialect: Dialect) -> DataError | None:
    width = len(records.rows[0])
    lengths = np.fromiter(map(len, records.rows), np.int64, len(records.rows))
    bad = np.flatnonzero(lengths != width)
    if len(bad):
        row = int(bad[0])
        return DataError(
            f"the file {path}",
            f"have {width} fields in each record, as in its first",
            f"{lengths[row]} fields in line {records.lines[row]} ({len(bad):,} such records of {len(lengths):,})",
            "Put fields that hold the delimiter into double quotes, take out a line that is no row, or name the "
            "delimiter with --delimiter.",
        )
    last = text[records.starts[-1] : records.ends[-1]]
    if dialect.quoted and _open_quote(last, dialect):
        return DataError(
            f"the file {path}",
            "close each double quote that it opens",
            f"a quote that is open to the end of the file, in the record that starts in line {records.lines[-1]}",
            "Close the quote, or double it where it is part of the text.",
        )
    return None


def _open_quote(record: str, dialect: Dialect) -> bool:
    start, end = field_spans(record, dialect)[-1]
    spelled = record[start:end]
    return spelled.startswith('"') and re.match(r'"(?:[^"]|"")*"(?!")', spelled) is None
