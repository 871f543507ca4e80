"""How a CSV file is written: its delimiter, its quotes and whether it has a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.columns.numbers import parse_numbers
from dechaff.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 200
_LONE_RETURN = re.compile("\r(?!\n)")
_PLACEHOLDER = "\ue00d"
_MOST_LINES = 50
"""So many records may stand above a header; what comes later is a fault in the table."""
_SHOWN = 40


@dataclass(frozen=True)
class Dialect:
    """Delimiter, and whether double quotes protect it."""

    delimiter: str
    quoted: bool = True


@dataclass(frozen=True)
class Records:
    """Fields of each record, and the piece of the text that each stands in: ``text[starts[i]:ends[i]]``."""

    rows: list[list[str]]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    """Line of the file on which each record starts, counted from 1."""


def parse_records(text: str, dialect: Dialect, *, unix: bool | None = None) -> Records:
    """Every record of the text. Blank lines are no records; they keep their place in the text.

    Python's csv reader says how many lines each record took, so fields and places come from one reading. Lines end with
    a line feed if the text is `unix`, by default if it has one.
    """
    lines, lone = _lines(text, unix)
    whole = list(lines)
    rows, last_lines = _read(whole, dialect, len(text), lone=lone)
    offsets = np.concatenate([[0], np.cumsum(np.fromiter(map(len, whole), np.int64, len(whole)))])
    after = np.array(last_lines, dtype=np.int64)
    before = np.concatenate([[0], after[:-1]]).astype(np.int64)
    full = np.fromiter(map(len, rows), np.int64, len(rows)) > 1
    for place in np.flatnonzero(~full).tolist():
        full[place] = _holds_something(rows[place])
    kept = rows if full.all() else [row for row, keep in zip(rows, full.tolist(), strict=True) if keep]
    return Records(kept, offsets[before[full]], offsets[after[full]], before[full] + 1)


def _lines(text: str, unix: bool | None = None) -> tuple[Iterable[str], bool]:
    """The lines, and whether carriage returns stand for themselves in them, as a private character."""
    unix = "\n" in text if unix is None else unix
    # A carriage return inside a line of a file that ends its lines with \n is a character like any other.
    lone = unix and "\r" in text and _LONE_RETURN.search(text) is not None
    readable = _LONE_RETURN.sub(_PLACEHOLDER, text) if lone else text
    return io.StringIO(readable, newline="\n" if unix else ""), lone


def _read(
    lines: Iterable[str], dialect: Dialect, size: int, *, lone: bool, limit: int | None = None
) -> tuple[list[list[str]], list[int]]:
    """Fields of each record, blank ones too, and how many lines have been read with it."""
    style: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    former = csv.field_size_limit(max(131_072, size + 1))
    try:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quoting=style)
        rows, last_lines = [], []
        for row in islice(reader, limit):
            rows.append(row)
            last_lines.append(reader.line_num)
    finally:
        csv.field_size_limit(former)
    if lone:
        rows = [[field.replace(_PLACEHOLDER, "\r") for field in row] for row in rows]
    return rows, last_lines


def _holds_something(row: list[str]) -> bool:
    return len(row) > 1 or (len(row) == 1 and bool(row[0].strip()))


def sniff_delimiter(text: str, label: str | None, *, tab_first: bool) -> tuple[str, str]:
    """The delimiter and why: the one that gives every record as many fields as the header."""
    sample = text[: 1 << 18]
    order = ("\t", *[mark for mark in DELIMITERS if mark != "\t"]) if tab_first else DELIMITERS
    scores = {mark: _fit(sample, mark, label, whole=len(sample) == len(text)) for mark in order}
    best = max(order, key=lambda mark: scores[mark])
    _, fraction, width = scores[best]
    if width < 2:
        return order[0], "the file has one column"
    return best, f"{100 * fraction:.0f} % of the first records have {width} fields, like the header"


def _fit(sample: str, delimiter: str, label: str | None, *, whole: bool) -> tuple[bool, float, int]:
    """(holds the label, fraction of records as long as the header, its length); the larger, the better."""
    if delimiter not in sample:
        return False, 0.0, 0
    lines, lone = _lines(sample)
    rows = [
        row
        for row in _read(lines, Dialect(delimiter), len(sample), lone=lone, limit=_SAMPLE)[0]
        if _holds_something(row)
    ]
    if not whole and len(rows) < _SAMPLE:
        rows = rows[:-1] or rows
    width = len(rows[0]) if rows else 0
    if width < 2:
        return False, 0.0, 0
    fraction = sum(len(row) == width for row in rows) / len(rows)
    return label is not None and label in rows[0], round(fraction, 1), width


def has_header(rows: list[list[str]], label: str | None) -> tuple[bool, str]:
    """Whether the first record names the columns, and why."""
    first, body = rows[0], rows[1 : _SAMPLE + 1]
    if label is not None and label in first:
        return True, "the first record contains the name of the label column"
    if not body:
        return True, "it is the only record"
    numeric = [place for place in range(len(first)) if _mostly_numbers([row[place] for row in body])]
    named = np.isfinite(parse_numbers(_stripped(first)))
    if numeric and all(named[place] for place in numeric):
        return False, "the first record contains numbers in the same columns as the others"
    if len(set(first)) < len(first) and first in body:
        return False, "the first record is data that repeats"
    return True, "the first record contains words, unlike the columns below" if numeric else "as in most files"


def _mostly_numbers(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and float(np.isfinite(parse_numbers(_stripped(filled))).mean()) > 0.9


def _stripped(cells: list[str]) -> pl.Series:
    return pl.Series(cells, dtype=pl.String).str.strip_chars()


def lines_above_header(path: Path, text: str, delimiters: Sequence[str], label: str | None) -> DataError | None:
    """The error that names these lines, where the records below them, and not the first one, make a table.

    Lines are never skipped silently: what is above a table may be a licence or a unit, and would be missing from the
    improved file.

    Parameters
    ----------
    path : of the file, for the error.
    text : of the whole file.
    delimiters : those that may be the file's.
    label : name of the label column, if it is given.

    Examples
    --------
    >>> print(lines_above_header(Path("a.csv"), "# of lab 3\\nx,y\\n1,a\\n2,b\\n", (",",), None))
    the file a.csv must begin with the header, the line of column names; found 1 field in line 1 ('# of lab 3'), \
and 2 in line 2 and in all below it.
    Delete line 1 in a copy of the file and pass the copy; lines are never skipped silently.
    """
    for delimiter in delimiters:
        records = parse_records(text, Dialect(delimiter))
        place = header_place(records.rows, label)
        if place:
            first, header = int(records.lines[0]), int(records.lines[place])
            start = text[records.starts[0] : records.ends[0]].strip()
            shown = start if len(start) <= _SHOWN else f"{start[:_SHOWN]}…"
            width, usual = len(records.rows[0]), len(records.rows[place])
            lines = f"line {first}" if header - first == 1 else f"lines {first} to {header - 1}"
            return DataError(
                f"the file {path}",
                "begin with the header, the line of column names",
                f"{width} field{'s' if width > 1 else ''} in line {first} ({shown!r}), and {usual} in line {header} "
                "and in all below it",
                f"Delete {lines} in a copy of the file and pass the copy; lines are never skipped silently.",
            )
    return None


def header_place(rows: Sequence[Sequence[str]], label: str | None) -> int:
    """Place of the record from which on all are of one length, 0 if that is the first or no place is clear.

    A comment that happens to be as long as the header is recognised by its #, and by the label that stands below it.

    Examples
    --------
    >>> header_place([["# note"], ["x", "y"], ["1", "a"]], None), header_place([["x", "y"], ["1", "a"], ["2"]], None)
    (1, 0)
    """
    usual = len(rows[-1])
    odd = [place for place, row in enumerate(rows) if len(row) != usual]
    place = odd[-1] + 1 if odd and odd[0] == 0 else 0
    if not odd and rows[0][0].startswith("#"):
        named = [place for place, row in enumerate(rows) if label in row]
        place = named[0] if len(named) == 1 else 0  # a word that stands in many records is a value, no name
    below = len(rows) - place
    return place if usual > 1 and below >= 2 and place <= min(below, _MOST_LINES) else 0
