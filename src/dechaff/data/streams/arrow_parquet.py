"""Parquet by pyarrow: row groups decoded a few rows at a time, without holding a whole one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from dechaff.data.arrow_frame import arrow_modules
from dechaff.data.streams.table_part import FRAME_ROWS

_BUFFER = 2**19
"""Bytes of a column that are read at a time; otherwise all of a row group would be."""

Damaged = (OSError, ValueError)
"""What pyarrow raises for a file that is cut off or damaged."""


def facts(path: str) -> tuple[dict[str, Any], list[int]]:
    """Types of the columns, and the rows of each row group."""
    _, pq = arrow_modules()
    with pq.ParquetFile(path) as file:
        groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
        empty: Any = pl.from_arrow(file.schema_arrow.empty_table())
    return dict(empty.schema), groups


def frames(path: str, group: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of one row group."""
    pa, pq = arrow_modules()
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as file:
        for batch in file.iter_batches(FRAME_ROWS, row_groups=[group], columns=list(columns), use_threads=False):
            frame: Any = pl.from_arrow(batch.select(list(columns)))
            yield frame
        last = group + 1 == file.num_row_groups
    if last:  # pyarrow keeps what it has allocated, and the next pass may need it elsewhere
        pa.default_memory_pool().release_unused()
