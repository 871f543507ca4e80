"""Small tables of dechaff's own, such as changes.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dechaff.core.outputs import FilePath, Kind, write_outputs


def csv_table_bytes(columns: Mapping[str, Sequence[object]]) -> bytes:
    """A CSV file in UTF-8 with one header line; None is an empty cell.

    Examples
    --------
    >>> csv_table_bytes({"row": ["7"], "new": [None]})
    b'row,new\\n7,\\n'
    """
    return csv_lines([list(columns), *zip(*columns.values(), strict=True)])


def csv_lines(lines: Iterable[Sequence[object]]) -> bytes:
    """Lines of such a file, whose cells are given.

    Examples
    --------
    >>> csv_lines([("7", "a, b")])
    b'7,"a, b"\\n'
    """
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue().encode("utf-8")


def write_csv_table(
    path: FilePath, columns: Mapping[str, Sequence[object]], kind: Kind, *, inputs: Iterable[FilePath | None] = ()
) -> None:
    """The same at ``path``, as a result of this kind (`write_outputs`)."""
    write_outputs({Path(path): csv_table_bytes(columns)}, kind, inputs=inputs)
