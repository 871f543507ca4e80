"""Answers for rows as files, one per part: written by whoever read the part, read again as a source."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from dechaff.core.files import begin_to_disk, write_whole
from dechaff.core.parts import Parts
from dechaff.core.source import CHUNK_BYTES, ArraySource, RowSpan
from dechaff.errors import RunError
from dechaff.typing import Chunk, Columns


@dataclass(frozen=True)
class ParquetSink:
    """Writes one Parquet file per part, whole and then renamed; the disk is waited for later, once for all files."""

    folder: Path
    values: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)
    """By column of codes: what the codes 0, 1, … stand for."""
    suffix: str = ".parquet"

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows."""
        write_frame(self.path_of(rows), self.frame(columns), to_disk=False)
        begin_to_disk(self.path_of(rows))

    def frame(self, columns: Chunk) -> pl.DataFrame:
        """The answers, codes as what they stand for."""
        return pl.DataFrame([self._series(*column) for column in columns.items()])

    def paths(self) -> list[Path]:
        """All files that stand, in the order of their rows."""
        return sorted(self.folder.glob(f"rows-*{self.suffix}"))

    def path_of(self, rows: RowSpan) -> Path:
        """The file of some rows: files in the order of their names hold rows in the order of the source."""
        return self.folder / f"rows-{rows.first_row:012d}-{rows.stop:012d}{self.suffix}"

    def _series(self, name: str, column: Any) -> pl.Series:
        if name in self.values:
            return _decoded(self.values[name], column).alias(name)
        return pl.Series(name, column.tolist() if column.dtype == object else column)


def _decoded(values: pl.Series, codes: Any) -> pl.Series:
    if values.dtype.is_integer() and values.equals(pl.int_range(len(values), eager=True)):
        return pl.Series(codes.astype(values.to_numpy().dtype, copy=False))  # the codes themselves
    return values.gather(codes)


@dataclass(frozen=True)
class ScratchSink(ParquetSink):
    """Writes the columns as they lie in memory, for the next pass to read: made again where the machine loses them."""

    suffix: str = ".arrow"

    def write(self, rows: RowSpan, columns: Chunk) -> None:
        """The answers of some rows; the disk need not see them."""
        write_frame(self.path_of(rows), self.frame(columns), to_disk=False)

    def written(self, n_rows: int) -> Parts:
        """All that was written, as a source with the column ``row`` beside the others.

        Raises
        ------
        RunError
            If some of the rows are missing, or come twice.
        """
        paths = self.paths()
        check_whole(paths, n_rows)
        return Parts(tuple(_ScratchPart(path, span_of(path)) for path in paths))


def check_whole(paths: Sequence[Path], n_rows: int) -> None:
    """A RunError if the files of a sink, in order, do not hold all rows, each once."""
    row, found = 0, ""
    for span in map(span_of, paths):
        found = found or (f"row {span.first_row} where row {row} must follow" if span.first_row != row else "")
        row = span.stop
    if found or row != n_rows or not paths:
        raise RunError(
            f"The scores in {paths[0].parent if paths else 'the folder'} do not cover {n_rows} rows once each, "
            f"but {found or row}.",
            fix="Delete that folder of results and run the call again; the data are untouched.",
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


def write_frame(path: Path, frame: pl.DataFrame, *, to_disk: bool = True, **options: Any) -> None:
    """A frame as Parquet, or as Arrow if the name ends in .arrow, whole and then renamed."""
    # Scores have no pattern: packed they would be a tenth shorter, for twice the time.
    write: Any = frame.write_ipc if path.suffix == ".arrow" else partial(frame.write_parquet, **options)

    def written(stream: BinaryIO) -> None:
        try:
            write(stream, compression="uncompressed")
        except (OSError, pl.exceptions.PolarsError) as error:  # polars gives them no number, but names it
            number = re.search(r"\(os error (\d+)\)", str(error))
            known = getattr(error, "errno", None) or errno.EIO
            raise OSError(int(number[1]) if number else known, str(error)) from error

    write_whole(path, written, to_disk=to_disk)


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
        arrays: Columns = {name: frame[name].to_numpy() for name in wanted}
        if "row" in columns:
            arrays["row"] = np.arange(self.span.first_row, self.span.stop)
        yield from ArraySource(arrays).chunks(columns, chunk_bytes=chunk_bytes)
