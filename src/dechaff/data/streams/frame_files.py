"""Answers for rows as files, one a part: written by whoever read the part, read again as a source."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dechaff.core.files import write_whole
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES, ArraySource, Part
from dechaff.typing import Chunk


@dataclass(frozen=True)
class ParquetSink:
    """Writes one Parquet file a part, whole and then renamed."""

    folder: Path
    values: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)
    """By column of codes: what the codes 0, 1, … stand for."""
    suffix: str = ".parquet"

    def write(self, part: Part, columns: Chunk) -> None:
        """The answers of one part."""
        write_frame(self.path_of(part), pl.DataFrame([self._series(*column) for column in columns.items()]))

    def done(self, part: Part) -> bool:
        """Whether its file stands."""
        return self.path_of(part).is_file()

    def path_of(self, part: Part) -> Path:
        """The file of a part: files in the order of their names hold rows in the order of the source."""
        return self.folder / f"rows-{part.first_row:012d}{self.suffix}"

    def _series(self, name: str, column: Any) -> pl.Series:
        if name in self.values:
            return self.values[name].gather(column).alias(name)
        return pl.Series(name, column.tolist() if column.dtype == object else column)


@dataclass(frozen=True)
class ScratchSink(ParquetSink):
    """Writes the columns as they lie in memory, for the next pass to read."""

    suffix: str = ".arrow"

    def written(self, parts: Sequence[Part]) -> Parts:
        """What was written for these parts, as a source with the column ``row`` beside the others."""
        return Parts(tuple(_ScratchPart(self.path_of(part), part.first_row, part.n_rows) for part in parts))


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """A frame as Parquet, or as Arrow where the name says so, whole and then renamed."""
    packed = io.BytesIO()
    if path.suffix == ".arrow":
        frame.write_ipc(packed, compression="uncompressed")
    else:
        frame.write_parquet(packed, compression="lz4")
    write_whole(path, packed.getbuffer())


@dataclass(frozen=True)
class _ScratchPart:
    path: Path
    first_row: int
    n_rows: int

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        wanted = [name for name in columns if name != "row"]
        frame = pl.read_ipc(self.path, columns=wanted)
        arrays: dict[str, Any] = {name: frame[name].to_numpy() for name in wanted}
        if "row" in columns:
            arrays["row"] = np.arange(self.first_row, self.first_row + self.n_rows)
        source = ArraySource(arrays)
        for rows in source.slices(columns, chunk_bytes=chunk_bytes):
            yield source.rows(columns, rows)
