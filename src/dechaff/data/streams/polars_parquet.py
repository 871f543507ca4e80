"""Parquet by polars: spans of rows, decoded in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from dechaff.data.streams.table_part import FRAME_ROWS

Damaged = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises for a file that is cut off or damaged."""
_SPAN = 4 * FRAME_ROWS


def facts(path: str) -> tuple[dict[str, Any], list[int]]:
    """Types of the columns, and the rows of each span; spans take the place of row groups."""
    scan = pl.scan_parquet(path, glob=False)
    n = int(scan.select(pl.len()).collect().item())
    return dict(scan.collect_schema()), [min(_SPAN, n - start) for start in range(0, n, _SPAN)]


def frames(path: str, groups: range, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of some neighbouring spans."""
    yield from span(path, groups.start * _SPAN, len(groups) * _SPAN, columns).iter_slices(FRAME_ROWS)


def span(path: str, start: int, n_rows: int, columns: Sequence[str]) -> pl.DataFrame:
    """The named columns of some rows."""
    return pl.scan_parquet(path, glob=False).slice(start, n_rows).select(columns).collect()
