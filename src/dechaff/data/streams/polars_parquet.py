"""Parquet by polars, where pyarrow is not installed: spans of rows take the place of row groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from dechaff.data.streams.table_part import FRAME_ROWS

Damaged = (OSError, pl.exceptions.PolarsError)
"""What polars raises for a file that is cut off or damaged."""
_SPAN = 4 * FRAME_ROWS


def facts(path: str) -> tuple[dict[str, Any], list[int]]:
    """Types of the columns, and the rows of each span."""
    scan = pl.scan_parquet(path, glob=False)
    n = int(scan.select(pl.len()).collect().item())
    return dict(scan.collect_schema()), [min(_SPAN, n - start) for start in range(0, n, _SPAN)]


def frames(path: str, group: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The named columns of one span."""
    span = pl.scan_parquet(path, glob=False).slice(group * _SPAN, _SPAN).select(columns).collect()
    yield from span.iter_slices(FRAME_ROWS)
