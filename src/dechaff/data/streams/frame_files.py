"""Answers for rows as files, one a part: written by whoever read the part, read again as a source."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl

from dechaff.core.files import write_whole
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES, ArraySource, Part, RowSpan
from dechaff.errors import RunError
from dechaff.typing import Chunk


@dataclass(frozen=True)
class ParquetSink:
    """Writes one Parquet file a part, whole and then renamed."""

    folder: Path
    values: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)
    """By column of codes: what the codes 0, 1, … stand for."""
    suffix: str = ".parquet"
    to_disk: ClassVar[bool] = True
    """Whether a file is on the disk before it takes its name."""

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows."""
        frame = pl.DataFrame([self._series(*column) for column in columns.items()])
        write_frame(self.path_of(rows), frame, to_disk=self.to_disk)

    def done(self, part: Part) -> bool:
        """Whether the file of all of its rows stands; a part that came in several is made again, since to find them all
        files would have to be looked through, part by part.
        """
        return self.path_of(RowSpan(part.first_row, part.n_rows)).is_file()

    def path_of(self, rows: RowSpan) -> Path:
        """The file of some rows: files in the order of their names hold rows in the order of the source."""
        return self.folder / f"rows-{rows.first_row:012d}-{rows.stop:012d}{self.suffix}"

    def _series(self, name: str, column: Any) -> pl.Series:
        if name in self.values:
            return self.values[name].gather(column).alias(name)
        return pl.Series(name, column.tolist() if column.dtype == object else column)


@dataclass(frozen=True)
class ScratchSink(ParquetSink):
    """Writes the columns as they lie in memory, for the next pass to read: made again where the machine loses them."""

    suffix: str = ".arrow"
    to_disk: ClassVar[bool] = False

    def written(self, n_rows: int) -> Parts:
        """All that was written, as a source with the column ``row`` beside the others.

        Raises
        ------
        RunError
            Where some of so many rows are missing, or come twice.
        """
        parts = self.parts()
        row = 0
        for part in parts:
            if part.first_row != row:
                raise self._incomplete(f"row {part.first_row} where row {row} must follow", n_rows)
            row += part.n_rows
        if row != n_rows or not parts:
            raise self._incomplete(f"{row}", n_rows)
        return Parts(parts)

    def parts(self) -> tuple[Part, ...]:
        """The files, in the order of their rows."""
        paths = sorted(self.folder.glob(f"rows-*{self.suffix}"))
        return tuple(_ScratchPart(path, span_of(path)) for path in paths)

    def _incomplete(self, found: str, n_rows: int) -> RunError:
        return RunError(
            f"the files in {self.folder}",
            f"hold the answers for {n_rows} rows, each once",
            found,
            "Delete that folder of results and make the call again; the data are untouched.",
        )


def span_of(path: Path) -> RowSpan:
    """The rows of a file, by its name.

    Examples
    --------
    >>> span_of(Path("rows-000000000100-000000000250.parquet"))
    RowSpan(first_row=100, n_rows=150)
    """
    first, stop = (int(number) for number in path.stem.split("-")[1:])
    return RowSpan(first, stop - first)


def write_frame(path: Path, frame: pl.DataFrame, *, to_disk: bool = True) -> None:
    """A frame as Parquet, or as Arrow where the name says so, whole and then renamed."""
    packed = io.BytesIO()
    if path.suffix == ".arrow":
        frame.write_ipc(packed, compression="uncompressed")
    else:  # scores have no pattern: packed they would be a tenth shorter, for twice the time
        frame.write_parquet(packed, compression="uncompressed")
    write_whole(path, packed.getbuffer(), to_disk=to_disk)


@dataclass(frozen=True)
class _ScratchPart:
    path: Path
    span: RowSpan

    @property
    def first_row(self) -> int:
        return self.span.first_row

    @property
    def n_rows(self) -> int:
        return self.span.n_rows

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        wanted = [name for name in columns if name != "row"]
        frame = pl.read_ipc(self.path, columns=wanted)
        arrays: dict[str, Any] = {name: frame[name].to_numpy() for name in wanted}
        if "row" in columns:
            arrays["row"] = np.arange(self.span.first_row, self.span.stop)
        source = ArraySource(arrays)
        for rows in source.slices(columns, chunk_bytes=chunk_bytes):
            yield source.rows(columns, rows)
