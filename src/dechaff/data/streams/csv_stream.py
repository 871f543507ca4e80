"""CSV and TSV files as parts: ranges of bytes that end with a record, parsed by polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.columns import check_distinct_names
from dechaff.data.csv_dialect import header_names, sniff_delimiter
from dechaff.data.source import suffix_of
from dechaff.data.streams.byte_ranges import byte_ranges, record_ends
from dechaff.data.streams.table_part import TableFiles
from dechaff.data.streams.text_part import TextPart
from dechaff.errors import DataError

_HEAD = 2**20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ParseCsv:
    """Records without their header."""

    delimiter: str

    def __call__(self, data: bytes, schema: Mapping[str, Any], columns: Sequence[str]) -> pl.DataFrame:
        """All columns are read, since only a row of nothing is a blank line."""
        if not data.strip():
            return pl.DataFrame(schema=dict(schema)).select(columns)
        frame = pl.read_csv(data, has_header=False, separator=self.delimiter, schema=dict(schema))
        return frame.filter(~pl.all_horizontal(pl.all().is_null())).select(columns)


def open_csv(files: Sequence[Path]) -> TableFiles:
    """The records of all files, each with a header and in UTF-8; types by the first megabyte of those with records.

    Raises
    ------
    DataError
        Where a file is no such file.
    """
    schemas: dict[str, Any] = {}
    parts: list[TextPart] = []
    first_row = 0
    for path in files:
        form = _form(path)
        schemas[str(path)] = form.schema
        for some in byte_ranges(str(path), start=form.start, first_line=form.line, quoted=True):
            if some.n_records:
                parts.append(TextPart(str(path), some, first_row, form.schema, ParseCsv(form.delimiter), quoted=True))
            first_row += some.n_records
    told = {part.path: schemas[part.path] for part in parts}
    return TableFiles(tuple(parts), told or schemas, in_text=True)


@dataclass(frozen=True)
class _Form:
    start: int
    """Where the first record after the header begins."""
    line: int
    """On which line that is."""
    delimiter: str
    schema: dict[str, Any]
    """Types of the columns."""


def _form(path: Path) -> _Form:
    """How a file is written, by its head."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    lead = len(_BOM) if head.startswith(_BOM) else 0
    start = lead + _header_bytes(path, head[lead:])
    try:
        text = head[lead:].decode("utf-8", errors="ignore" if len(head) == _HEAD else "strict")
        delimiter, _ = sniff_delimiter(text, None, tab_first=suffix_of(path) in (".tsv", ".tab"))
        names = header_names(head[lead:start].decode("utf-8"), delimiter)
        whole = head[start:] if len(head) < _HEAD else head[start : head.rfind(b"\n") + 1]
        kinds = (
            pl.read_csv(whole, separator=delimiter, has_header=False, infer_schema_length=None).dtypes
            if whole.strip()
            else [pl.Float64()] * len(names)
        )
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise _refused(
            path, "be CSV with a header, in UTF-8", str(error).splitlines()[0][:160],
            "Write it again so; nothing was written.",
        ) from error  # fmt: skip
    check_distinct_names(names, f"the file {path}")
    if len(kinds) != len(names):
        raise _refused(
            path, f"have {len(names)} fields in each record, as in its header", f"{len(kinds)} fields",
            "Put fields that hold the delimiter into double quotes.",
        )  # fmt: skip
    schema = {name: _wide(kind) for name, kind in zip(names, kinds, strict=True)}
    return _Form(start, 1 + head.count(b"\n", 0, start), delimiter, schema)


def _header_bytes(path: Path, head: bytes) -> int:
    """How long the header is, with blank lines before it; line ends in quotes do not end it."""
    begin = 0
    for end in record_ends(head, quoted=True):
        if head[begin:end].strip():
            return end
        begin = end
    if head.count(b'"', begin) % 2:
        raise _refused(
            path, "have a header whose quotes are closed", "an odd number of quotes", "Close or double them."
        )
    if b"\r" in head[begin:] or len(head) >= _HEAD - len(_BOM):
        raise _refused(
            path, "end its header with a line feed", "none in the first megabyte", "Write it with line feeds."
        )
    return len(head)


def _refused(path: Path, must: str, found: str, fix: str) -> DataError:
    return DataError(f"the file {path}", must, found, fix)


def _wide(kind: Any) -> Any:
    """Types that later records will fit as well."""
    return pl.Int64 if kind.is_integer() else pl.Float64 if kind.is_float() else kind
