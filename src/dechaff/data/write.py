"""Small tables of dechaff's own, such as changes.csv."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence

from dechaff.core.files import write_whole


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


def write_csv_table(path: str | os.PathLike[str], columns: Mapping[str, Sequence[object]]) -> None:
    """The same at ``path``, whole or not at all."""
    write_whole(path, csv_table_bytes(columns))
