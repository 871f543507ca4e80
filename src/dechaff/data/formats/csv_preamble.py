"""Lines above the header of a CSV file, such as comments: found, and refused with the place where the table begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dechaff.data.formats.csv_dialect import Dialect, parse_records
from dechaff.errors import DataError

_MOST_LINES = 50
"""So many records may stand above a header; what comes later is a fault in the table."""
_SHOWN = 40


def lines_above_header(path: Path, text: str, delimiters: Sequence[str], label: str | None) -> DataError | None:
    """The error that names these lines, where the records below them, and not the first one, make a table.

    No line is skipped unasked: what stands above a table may be a licence or a unit, and would be missing from the
    improved file.

    Parameters
    ----------
    path : of the file, for the error.
    text : of the whole file.
    delimiters : those that may be the file's.
    label : name of the label column, if it was said.

    Examples
    --------
    >>> print(lines_above_header(Path("a.csv"), "# of lab 3\\nx,y\\n1,a\\n2,b\\n", (",",), None))
    the file a.csv must begin with the line that names its columns; found 1 field in line 1 ('# of lab 3'), and 2 in \
line 2 and in all below it.
    Take line 1 out of a copy of the file and name the copy; no line is skipped unasked.
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
                "begin with the line that names its columns",
                f"{width} field{'s' if width > 1 else ''} in line {first} ({shown!r}), and {usual} in line {header} "
                "and in all below it",
                f"Take {lines} out of a copy of the file and name the copy; no line is skipped unasked.",
            )
    return None


def header_place(rows: Sequence[Sequence[str]], label: str | None) -> int:
    """Place of the record from which on all are of one length, 0 where that is the first or no place is clear.

    A comment that happens to be as long as the header is told by its #, and by the label that stands below it.

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
