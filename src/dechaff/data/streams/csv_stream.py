"""CSV and TSV files as parts: ranges of bytes that end with a record, parsed by polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dechaff.data.columns import check_distinct_names
from dechaff.data.csv_dialect import sniff_delimiter
from dechaff.data.source import suffix_of
from dechaff.data.streams.byte_ranges import byte_ranges
from dechaff.data.streams.table_part import TableFiles, TablePart
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
    """The records of all files, each with a header and in UTF-8; types by their first megabyte.

    Raises
    ------
    DataError
        Where a file is no such file.
    """
    schemas: dict[str, Any] = {}
    parts: list[TablePart] = []
    first_row = 0
    for path in files:
        start, delimiter, schema = _form(path)
        schemas[str(path)] = schema
        for some in byte_ranges(str(path), start=start, first_line=2, quoted=True):
            parts.append(TextPart(str(path), some, first_row, schema, ParseCsv(delimiter), quoted=True))
            first_row += some.n_records
    return TableFiles(tuple(parts), schemas, in_text=True)


def _form(path: Path) -> tuple[int, str, dict[str, Any]]:
    """Where the first record after the header begins, the delimiter, and the types of the columns."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    lead = len(_BOM) if head.startswith(_BOM) else 0
    header, _, body = head[lead:].partition(b"\n")
    try:
        text = head[lead:].decode("utf-8", errors="ignore" if len(head) == _HEAD else "strict")
        delimiter, _ = sniff_delimiter(text, None, tab_first=suffix_of(path) in (".tsv", ".tab"))
        names = pl.read_csv(header, separator=delimiter, has_header=True).columns
        whole = body if len(head) < _HEAD else body[: body.rfind(b"\n") + 1]
        sample = (
            pl.read_csv(whole, separator=delimiter, has_header=False, new_columns=names, infer_schema_length=None)
            if whole.strip()
            else pl.DataFrame(schema=dict.fromkeys(names, pl.Float64))
        )
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"the file {path}", "be CSV with a header, in UTF-8", str(error).splitlines()[0][:160],
            "Write it again so; nothing was written.",
        ) from error  # fmt: skip
    check_distinct_names(names, f"the file {path}")
    if list(sample.columns) != names:
        raise DataError(
            f"the file {path}",
            f"have {len(names)} fields in each record, as in its header",
            f"{sample.width} fields",
            "Put fields that hold the delimiter into double quotes.",
        )
    return lead + len(header) + 1, delimiter, {name: _wide(kind) for name, kind in sample.schema.items()}


def _wide(kind: Any) -> Any:
    """Types that later records will fit as well."""
    return pl.Int64 if kind.is_integer() else pl.Float64 if kind.is_float() else kind
