"""Parquet files of any size: rows in blocks of a row group, written back with the same schema and row groups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.data.arrow_frame import ArrowFrame, arrow_modules
from dechaff.data.blocks.block import BLOCK_ROWS, Block
from dechaff.data.columns import check_distinct_names
from dechaff.data.frames import FrameSource
from dechaff.data.read import Read
from dechaff.errors import DataError, MissingExtraError
from dechaff.typing import Mask

BUFFER_BYTES = 2**19
"""Of a column that are read at a time; otherwise all of a row group would be."""


def _parquet() -> Any:
    try:
        _, parquet = arrow_modules()
    except ImportError as absent:
        raise MissingExtraError.of("pyarrow", "pandas", "to read Parquet in passes") from absent
    return parquet


@dataclass(frozen=True)
class ParquetFile:
    """One file: its schema, its compression, and the rows of each of its row groups."""

    path: Path
    schema: Any = field(repr=False)
    codec: str
    group_rows: tuple[int, ...]

    def scan(self, file: int, first_row: int) -> Iterator[tuple[Block, Read]]:
        """The file's blocks."""
        yield from self.read(self.blocks(file, first_row))

    def blocks(self, file: int, first_row: int) -> list[Block]:
        """Where they stand, told without reading a row."""
        found, done, total = [], 0, max(1, sum(self.group_rows))
        for group, rows in enumerate(self.group_rows):
            for start in range(0, rows, BLOCK_ROWS):
                n_rows = min(rows - start, BLOCK_ROWS)
                done += n_rows
                where = first_row + done - n_rows
                found.append(Block(file, where, n_rows, start, start + n_rows, group, read=done / total))
        return found

    def read(self, blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
        """Some of its blocks, in order."""
        opened = _opened(self.path)
        for group, wanted in groupby(blocks, key=lambda block: block.row_group):
            left = {block.start: block for block in wanted}
            place = 0
            for batch in _batches(self.path, opened, group):
                block = left.pop(place, None)
                place += len(batch)
                if block is not None:
                    yield block, read_batch(batch)
                if not left:
                    break


def _opened(path: Path) -> Any:
    parquet = _parquet()
    try:
        return parquet.ParquetFile(path, memory_map=False, pre_buffer=False, buffer_size=BUFFER_BYTES)
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error


def _batches(path: Path, opened: Any, group: int) -> Iterator[Any]:
    try:
        yield from opened.iter_batches(batch_size=BLOCK_ROWS, row_groups=[group], use_threads=False)
    except (OSError, ValueError) as error:
        raise _damaged(path, error, group) from error


def _damaged(path: Path, error: Exception, group: int | None = None) -> DataError:
    first = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    place = "" if group is None else f", row group {group}"
    return DataError(
        f"the file {path}{place}",
        "be a whole Parquet file",
        f"one that is cut off or damaged ({first})",
        "Fetch or write it again.",
    )


def read_batch(batch: Any) -> Read:
    """The cells of an Arrow batch."""
    pa, _ = arrow_modules()
    frame = ArrowFrame(pa.Table.from_batches([batch]), "parquet")
    return Read(frame.cells(), len(batch), FrameSource(frame, len(batch), ""))


def parquet_file(path: Path) -> ParquetFile:
    """The form of one file, from its footer."""
    opened = _opened(path)
    schema, facts = opened.schema_arrow, opened.metadata
    check_distinct_names(list(schema.names), f"the file {path}")
    codec = "snappy"
    if facts.num_row_groups and facts.num_columns:
        codec = facts.row_group(0).column(0).compression.lower()
    rows = tuple(facts.row_group(group).num_rows for group in range(facts.num_row_groups))
    return ParquetFile(path, schema, "none" if codec == "uncompressed" else codec, rows)


def check_same_columns(files: tuple[ParquetFile, ...]) -> None:
    """A DataError that names the first file, and its row group, whose columns differ from those of the first file."""
    first = files[0]
    for file in files[1:]:
        for one, other in zip(first.schema, file.schema, strict=False):
            if one.name != other.name:
                raise _unlike(
                    file, f"have the columns of {first.path.name}", f"{other.name!r} in place of {one.name!r}"
                )
            if one.type != other.type:
                must = f"hold {one.type} in the column {one.name!r}, as {first.path.name} does"
                raise _unlike(file, must, str(other.type))
        if len(first.schema) != len(file.schema):
            raise _unlike(file, f"have the {len(first.schema)} columns of {first.path.name}", f"{len(file.schema)}")


def _unlike(file: ParquetFile, must: str, found: str) -> DataError:
    groups = f", row group{'s 0 to ' + str(len(file.group_rows) - 1) if len(file.group_rows) > 1 else ' 0'}"
    return DataError(f"the file {file.path}{groups}", must, found, "Write the file again with the types of the others.")


@dataclass
class ParquetWriter:
    """Writes the blocks of one file; a row group of the original is a row group of the new file."""

    file: ParquetFile
    target: Path
    label_name: str
    spellings: Mapping[str, Any]
    _out: Any = None
    _group: int = 0
    _waiting: list[Any] = field(default_factory=list)

    def add(self, block: Block, read: Read, keep: Mask, labels: Mapping[int, str]) -> None:
        """One block."""
        assert isinstance(read.source, FrameSource)
        if block.row_group != self._group:
            self._end_group()
            self._group = block.row_group
        kept = np.asarray(keep, dtype=bool)
        values = {row: self.spellings[name] for row, name in labels.items() if kept[row]}
        self._waiting.append(read.source.frame.changed(kept, self.label_name, values))

    def close(self) -> None:
        """Nothing follows."""
        self._end_group()
        self._writer().close()

    def _end_group(self) -> None:
        pa, _ = arrow_modules()
        table = pa.concat_tables(self._waiting).combine_chunks() if self._waiting else None
        if table is not None and table.num_rows:
            self._writer().write_table(table, row_group_size=table.num_rows)
        self._waiting = []

    def _writer(self) -> Any:
        if self._out is None:
            self._out = _parquet().ParquetWriter(self.target, self.file.schema, compression=self.file.codec)
        return self._out
