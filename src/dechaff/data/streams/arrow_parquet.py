"""Parquet by pyarrow: large row groups are decoded a few rows at a time, without holding a whole one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

import polars as pl

from dechaff.data.arrow_frame import arrow_modules
from dechaff.data.streams.table_part import FRAME_ROWS

_BUFFER = 2**19
"""Bytes of a column that are read at a time; otherwise all of a row group would be."""
_FRAME_BYTES, _CELL_BYTES, _FEWEST_ROWS = 2**23, 8, 2**10
"""Of single numbers as many are decoded at a time as weigh so much, since each start of a column costs something."""
_WHOLE_BYTES = 2**27
"""Row groups up to so many bytes are decoded whole: each column is taken up once, not once for each few rows."""

Damaged = (OSError, ValueError)
"""What pyarrow raises for a file that is cut off or damaged."""


def facts(path: str) -> tuple[dict[str, Any], list[int]]:
    """Types of the columns, and the rows of each row group."""
    pa, pq = arrow_modules()
    with pq.ParquetFile(path) as file:
        groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
        empty: Any = pl.from_arrow(pa.Table.from_batches([], file.schema_arrow))  # empty_table() imports pandas
    return dict(empty.schema), groups


def frames(path: str, group: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of one row group."""
    pa, pq = arrow_modules()
    footer = _footer(path, os.stat(path).st_mtime_ns)
    whole = footer.row_group(group).total_byte_size <= _WHOLE_BYTES
    with pq.ParquetFile(path, metadata=footer, pre_buffer=False, buffer_size=0 if whole else _BUFFER) as file:
        if whole:
            yield _frame(file.read_row_group(group, columns=list(columns), use_threads=False), columns)
        else:
            rows = _rows_at_once(pa, file.schema_arrow, columns)
            for batch in file.iter_batches(rows, row_groups=[group], columns=list(columns), use_threads=False):
                yield _frame(batch, columns)
        last = group + 1 == file.num_row_groups
    if last:  # pyarrow keeps what it has allocated, and the next pass may need it elsewhere
        pa.default_memory_pool().release_unused()


def _frame(rows: Any, columns: Sequence[str]) -> pl.DataFrame:
    return cast(pl.DataFrame, pl.from_arrow(rows.select(list(columns))))


@lru_cache(maxsize=4)
def _footer(path: str, _changed: int) -> Any:
    """What a file says of its row groups; read once, not for each of them."""
    _, pq = arrow_modules()
    return pq.read_metadata(path)


def _rows_at_once(pa: Any, schema: Any, columns: Sequence[str]) -> int:
    kinds = [schema.field(name).type for name in columns]
    if all(pa.types.is_primitive(kind) for kind in kinds):
        return max(_FEWEST_ROWS, _FRAME_BYTES // (_CELL_BYTES * len(kinds)))
    return FRAME_ROWS  # texts and lists may be of any length
