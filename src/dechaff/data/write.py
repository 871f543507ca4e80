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
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return stream.getvalue().encode("utf-8")


def write_csv_table(
    path: FilePath, columns: Mapping[str, Sequence[object]], kind: Kind, *, inputs: Iterable[FilePath | None] = ()
) -> None:
    """The same at ``path``, as a result of this kind (`write_outputs`)."""
    write_outputs({Path(path): csv_table_bytes(columns)}, kind, inputs=inputs)
