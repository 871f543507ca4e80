"""Parquet by pyarrow: row groups decoded a few rows at a time, without holding a whole one.

Row groups that fit into memory easily are left to polars, which decodes them in two thirds of the time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

import polars as pl

from dechaff.data.formats import polars_parquet
from dechaff.data.formats.content import unpacked
from dechaff.data.formats.part import FRAME_ROWS
from dechaff.data.memory.frames import ArrowFrame, arrow_modules
from dechaff.typing import ColumnTypes

_BUFFER = 2**19
"""Bytes of a column that are read at a time; otherwise all of a row group would be."""
_FRAME_BYTES, _CELL_BYTES, _FEWEST_ROWS = 2**23, 8, 2**10
"""Bytes of single numbers that are decoded at a time, since each start of a column costs something."""
_WHOLE_BYTES, _WORTH_A_FOOTER = 2**28, 300
"""Row groups of up to this many bytes, at 8 per number, are decoded whole if they have enough rows per row group of the
file: polars reads the footer, where all row groups are described, at every call."""

Damaged = (ValueError, *polars_parquet.Damaged)
"""What is raised for a file that is cut off or damaged."""


def types(path: Path) -> ColumnTypes:
    """Types of the columns, as data frames have them."""
    pa, _ = arrow_modules()
    empty: Any = pl.from_arrow(pa.Table.from_batches([], footer_of(path).schema))  # empty_table() imports pandas
    return dict(empty.schema)


def fields(path: Path) -> list[tuple[str, Any]]:
    """Names and types of the columns as the file has them."""
    return [(one.name, one.type) for one in footer_of(path).schema]


def group_rows(path: Path) -> list[int]:
    """The rows of each row group."""
    return footer_of(path).rows


def frames(path: Path, groups: range, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of some neighbouring row groups."""
    footer = footer_of(path)
    if footer.decoded_whole(groups, columns):
        start, stop = footer.starts[groups.start], footer.starts[groups.stop]
        yield polars_parquet.span(path, start, stop - start, columns)
    else:
        yield from _pieces(path, groups, columns, footer.metadata)


def _pieces(path: Path, groups: range, columns: Sequence[str], metadata: Any) -> Iterator[pl.DataFrame]:
    pa, pq = arrow_modules()
    with pq.ParquetFile(unpacked(path), metadata=metadata, pre_buffer=False, buffer_size=_BUFFER) as file:
        rows = _rows_at_once(pa, file.schema_arrow, columns)
        for batch in file.iter_batches(rows, row_groups=list(groups), columns=list(columns), use_threads=False):
            frame: Any = pl.from_arrow(batch.select(list(columns)))
            yield frame
        last = groups.stop == file.num_row_groups
    if last:  # pyarrow keeps what it has allocated, and the next pass may need it elsewhere
        pa.default_memory_pool().release_unused()


def tables(path: Path, groups: range, rows: int) -> Iterator[ArrowFrame]:
    """All columns of some neighbouring row groups, some rows at a time."""
    pa, pq = arrow_modules()
    metadata = footer_of(path).metadata
    with pq.ParquetFile(unpacked(path), metadata=metadata, pre_buffer=False, buffer_size=_BUFFER) as file:
        for batch in file.iter_batches(batch_size=rows, row_groups=list(groups), use_threads=False):
            yield ArrowFrame(pa.Table.from_batches([batch]), "parquet")


@dataclass
class TableWriter:
    """Writes row groups to a stream, with the schema, the metadata and the compression of a file."""

    path: Path
    stream: IO[bytes]
    _out: Any = field(default=None, init=False)

    def add(self, frames: Sequence[Any]) -> None:
        """One row group of these tables."""
        pa, _ = arrow_modules()
        table = pa.concat_tables(frames).combine_chunks()
        if self._out is None:
            self._out = self._opened(table.schema)
        self._out.write_table(table, row_group_size=table.num_rows)

    def close(self) -> None:
        """Nothing follows."""
        (self._out or self._opened(footer_of(self.path).schema)).close()

    def _opened(self, schema: Any) -> Any:
        """The new file: with the schema of the original, unless a label column was made."""
        _, pq = arrow_modules()
        footer = footer_of(self.path)
        kept = footer.schema if footer.schema.equals(schema) else schema
        return pq.ParquetWriter(self.stream, kept, compression=footer.codec)


@dataclass(frozen=True)
class Footer:
    """What a footer holds on the row groups of a file."""

    metadata: Any
    schema: Any
    rows: list[int]
    """Of each row group."""
    starts: list[int]
    """The first row of each row group, and the number of rows."""

    @property
    def codec(self) -> str:
        """How the first column is compressed."""
        if not self.metadata.num_row_groups or not self.metadata.num_columns:
            return "snappy"
        codec = self.metadata.row_group(0).column(0).compression.lower()
        return "none" if codec == "uncompressed" else str(codec)

    def decoded_whole(self, groups: range, columns: Sequence[str]) -> bool:
        """Whether row groups are small, and of columns that both packages know alike."""
        packed = sum(self.metadata.row_group(group).total_byte_size for group in groups)
        n_rows = self.starts[groups.stop] - self.starts[groups.start]
        small = max(packed, _CELL_BYTES * n_rows * len(columns)) <= _WHOLE_BYTES
        worth = n_rows >= _WORTH_A_FOOTER * len(self.rows)
        return small and worth and all(_known_alike(self.schema.field(name).type) for name in columns)


def footer_of(path: Path) -> Footer:
    """The footer; read once, not for each row group."""
    return _footer(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=64)
def _footer(path: Path, _changed: int) -> Footer:
    _, pq = arrow_modules()
    metadata = pq.read_metadata(unpacked(path))
    rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    return Footer(metadata, metadata.schema.to_arrow_schema(), rows, [0, *accumulate(rows)])


def _known_alike(kind: Any) -> bool:
    pa, _ = arrow_modules()
    plain = (pa.bool_(), pa.string(), pa.large_string(), pa.float32(), pa.float64())
    return kind in plain or pa.types.is_integer(kind)


def _rows_at_once(pa: Any, schema: Any, columns: Sequence[str]) -> int:
    kinds = [schema.field(name).type for name in columns]
    if all(pa.types.is_primitive(kind) for kind in kinds):
        return max(_FEWEST_ROWS, _FRAME_BYTES // (_CELL_BYTES * len(kinds)))
    return FRAME_ROWS  # texts and lists may be of any length
