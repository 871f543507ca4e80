"""Parquet by polars, if pyarrow is not installed: spans of rows take the place of row groups."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl

from dechaff.data.formats.content import unpacked
from dechaff.data.formats.part import FRAME_ROWS
from dechaff.data.memory.frames import PolarsFrame
from dechaff.typing import ColumnTypes

Damaged = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises for a file that is cut off or damaged."""
_SPAN = 4 * FRAME_ROWS


def types(path: Path) -> ColumnTypes:
    """Types of the columns."""
    return dict(_scan(path).collect_schema())


def fields(path: Path) -> list[tuple[str, Any]]:
    """Names and types of the columns."""
    return list(types(path).items())


def group_rows(path: Path) -> list[int]:
    """The rows of each span."""
    n = int(_scan(path).select(pl.len()).collect().item())
    return [min(_SPAN, n - start) for start in range(0, n, _SPAN)]


def frames(path: Path, groups: range, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of some neighbouring spans."""
    yield from span(path, groups.start * _SPAN, len(groups) * _SPAN, columns).iter_slices(FRAME_ROWS)


def span(path: Path, start: int, n_rows: int, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns of some rows."""
    return _scan(path).slice(start, n_rows).select(columns).collect()


def tables(path: Path, groups: range, rows: int) -> Iterator[PolarsFrame]:
    """All columns of some neighbouring spans, some rows at a time."""
    for some in _scan(path).slice(groups.start * _SPAN, len(groups) * _SPAN).collect().iter_slices(rows):
        yield PolarsFrame(some, "parquet")


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(unpacked(path), glob=False)


@dataclass
class TableWriter:
    """Writes a stream with the metadata of a file; types that polars lacks become those that it has."""

    path: Path
    stream: IO[bytes]
    _frames: list[pl.DataFrame] = field(default_factory=list, init=False)

    def add(self, frames: Sequence[Any]) -> None:
        """Some rows."""
        self._frames += frames

    def close(self) -> None:
        """Nothing follows."""
        source = unpacked(self.path)
        facts = pl.read_parquet_metadata(source if isinstance(source, io.BytesIO) else self.path)
        metadata = {name: value for name, value in facts.items() if name != "ARROW:schema"}
        table = pl.concat(self._frames or [pl.DataFrame(schema=types(self.path))], how="vertical_relaxed")
        table.write_parquet(self.stream, metadata=metadata)
