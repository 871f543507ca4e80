"""Parquet by pyarrow: row groups decoded a few rows at a time, without holding a whole one.

Row groups that fit into memory easily are left to polars, which decodes them in two thirds of the time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import polars as pl

from dechaff.data.arrow_frame import arrow_modules
from dechaff.data.streams import polars_parquet
from dechaff.data.streams.table_part import FRAME_ROWS

_BUFFER = 2**19
"""Bytes of a column that are read at a time; otherwise all of a row group would be."""
_FRAME_BYTES, _CELL_BYTES, _FEWEST_ROWS = 2**23, 8, 2**10
"""Of single numbers as many are decoded at a time as weigh so much, since each start of a column costs something."""
_WHOLE_BYTES, _WORTH_A_FOOTER = 2**28, 300
"""Row groups of up to so many bytes, at 8 a number, are decoded whole if they have so many rows for each row group of
the file: polars reads the footer, where all row groups are described, at every call."""

Damaged = (ValueError, *polars_parquet.Damaged)
"""What is raised for a file that is cut off or damaged."""


def facts(path: str) -> tuple[dict[str, Any], list[int]]:
    """Types of the columns, and the rows of each row group."""
    pa, pq = arrow_modules()
    with pq.ParquetFile(path) as file:
        groups = _rows(file.metadata)
        empty: Any = pl.from_arrow(pa.Table.from_batches([], file.schema_arrow))  # empty_table() imports pandas
    return dict(empty.schema), groups


def frames(path: str, groups: range, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of some neighbouring row groups."""
    footer = _footer(path, os.stat(path).st_mtime_ns)
    if footer.decoded_whole(groups, columns):
        start, stop = footer.starts[groups.start], footer.starts[groups.stop]
        yield polars_parquet.span(path, start, stop - start, columns)
    else:
        yield from _pieces(path, groups, columns, footer.metadata)


def _pieces(path: str, groups: range, columns: Sequence[str], metadata: Any) -> Iterator[pl.DataFrame]:
    pa, pq = arrow_modules()
    with pq.ParquetFile(path, metadata=metadata, pre_buffer=False, buffer_size=_BUFFER) as file:
        rows = _rows_at_once(pa, file.schema_arrow, columns)
        for batch in file.iter_batches(rows, row_groups=list(groups), columns=list(columns), use_threads=False):
            frame: Any = pl.from_arrow(batch.select(list(columns)))
            yield frame
        last = groups.stop == file.num_row_groups
    if last:  # pyarrow keeps what it has allocated, and the next pass may need it elsewhere
        pa.default_memory_pool().release_unused()


@dataclass(frozen=True)
class _Footer:
    metadata: Any
    kinds: Any
    """The schema."""
    rows: list[int]
    """Of each row group."""
    starts: list[int]
    """The first row of each row group, and the number of rows."""

    def decoded_whole(self, groups: range, columns: Sequence[str]) -> bool:
        """Whether row groups are small, and of columns that both packages know alike."""
        packed = sum(self.metadata.row_group(group).total_byte_size for group in groups)
        n_rows = self.starts[groups.stop] - self.starts[groups.start]
        small = max(packed, _CELL_BYTES * n_rows * len(columns)) <= _WHOLE_BYTES
        worth = n_rows >= _WORTH_A_FOOTER * len(self.rows)
        return small and worth and all(_known_alike(self.kinds.field(name).type) for name in columns)


@lru_cache(maxsize=4)
def _footer(path: str, _changed: int) -> _Footer:
    """What a file says of its row groups; read once, not for each of them."""
    _, pq = arrow_modules()
    metadata = pq.read_metadata(path)
    rows = _rows(metadata)
    return _Footer(metadata, metadata.schema.to_arrow_schema(), rows, [0, *accumulate(rows)])


def _rows(metadata: Any) -> list[int]:
    return [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]


def _known_alike(kind: Any) -> bool:
    pa, _ = arrow_modules()
    plain = (pa.bool_(), pa.string(), pa.large_string(), pa.float32(), pa.float64())
    return kind in plain or pa.types.is_integer(kind)


def _rows_at_once(pa: Any, schema: Any, columns: Sequence[str]) -> int:
    kinds = [schema.field(name).type for name in columns]
    if all(pa.types.is_primitive(kind) for kind in kinds):
        return max(_FEWEST_ROWS, _FRAME_BYTES // (_CELL_BYTES * len(kinds)))
    return FRAME_ROWS  # texts and lists may be of any length
