"""A data frame of any library as the bytes of a file, by the file's suffix."""

from __future__ import annotations

import io
import os
from typing import Any

import narwhals as nw
import polars as pl

from dechaff.data.columns.cells import missing_of
from dechaff.data.formats.content import compressed
from dechaff.data.source import suffix_of
from dechaff.errors import DataError


def frame_bytes(frame: Any, path: str | os.PathLike[str]) -> bytes:
    """Bytes of a CSV, TSV, Parquet or JSONL file (``.gz`` too); an index that names rows becomes a column."""
    index = getattr(frame, "index", None)
    if index is not None and hasattr(frame, "reset_index") and type(index).__name__ != "RangeIndex":
        frame = frame.reset_index()
    data = _bytes(as_polars(frame), suffix_of(path))
    return compressed(data) if str(path).lower().endswith(".gz") else data


def as_polars(frame: Any) -> pl.DataFrame:
    """The frame as a polars one."""
    if hasattr(frame, "iloc"):
        # By way of Python values: pandas hands its strings to others only where pyarrow is installed.
        return pl.DataFrame([_column(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)])
    if hasattr(frame, "column_names") and hasattr(frame, "to_polars"):
        table: pl.DataFrame = frame.to_polars()
    else:
        table = nw.from_native(frame, eager_only=True).to_polars()
    return table


def _column(name: str, column: Any) -> pl.Series:
    values = column.tolist()
    return pl.Series(
        name, [None if gone else value for value, gone in zip(values, missing_of(values), strict=True)], strict=False
    )


def _bytes(table: pl.DataFrame, suffix: str) -> bytes:
    stream = io.BytesIO()
    if suffix in (".csv", ".txt"):
        table.write_csv(stream)
    elif suffix in (".tsv", ".tab"):
        table.write_csv(stream, separator="\t")
    elif suffix in (".parquet", ".pq"):
        table.write_parquet(stream)
    elif suffix in (".jsonl", ".ndjson"):
        table.write_ndjson(stream)
    else:
        raise DataError(
            "the output", "have a suffix that says its format", repr(suffix), "Use .csv, .tsv, .parquet or .jsonl."
        )
    return stream.getvalue()
