"""Data frames of any library: read column by column, given back as the caller's own type."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from dechaff.core.files import write_whole
from dechaff.data.columns.cells import Cells, missing_of, texts
from dechaff.data.columns.names import check_distinct_names
from dechaff.data.formats.content import compressed
from dechaff.data.keys import content_hash, content_of
from dechaff.data.memory.arrow import ArrowFrame, arrow_table_of
from dechaff.data.memory.hf import HuggingFaceDataset
from dechaff.data.memory.pandas import PandasFrame
from dechaff.data.memory.polars import PolarsFrame
from dechaff.data.read import Read
from dechaff.data.source import Source, check_output, suffix_of
from dechaff.errors import DataError
from dechaff.typing import Mask, Rows


class Frame(Protocol):
    """One library's data frame: the few things that reading and writing back need."""

    @property
    def native(self) -> Any:
        """The caller's own object."""

    @property
    def kind(self) -> str:
        """The library's name."""

    def cells(self) -> tuple[Cells, ...]:
        """Every column."""

    def index(self) -> tuple[list[str], str] | None:
        """The rows' own names and what they are called, where the frame has them."""

    def value(self, name: str, row: int) -> Any:
        """One cell as the frame holds it."""

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """A new frame of the same type: some rows, and some cells of one column set."""


@dataclass(frozen=True)
class FrameSource:
    """A data frame in memory."""

    frame: Frame = field(repr=False)
    n_rows: int
    sha256: str
    label_name: str = ""
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    path: Path | None = None

    @property
    def format(self) -> str:
        """The library's name."""
        return self.frame.kind

    def bound(self, label_name: str, examples: Mapping[str, int]) -> FrameSource:
        """The same frame that knows its label column and a row of each class."""
        return replace(self, label_name=label_name, examples=examples)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        """The new frame: same type, index, columns and order."""
        value_of = {name: self.label_value(name) for name in set(labels.values())}
        values = {row: value_of[name] for row, name in labels.items()}
        return self.frame.changed(np.asarray(keep, dtype=bool), self.label_name, values)

    def spelling(self, label_name: str, row: int) -> Any:
        """The label of one row as the frame holds it."""
        return self.frame.value(label_name, row)

    def changed(self, keep: Mask, label_name: str, labels: Mapping[int, Any]) -> Any:
        """The frame without some of its rows and with some cells of one column set."""
        return self.frame.changed(keep, label_name, labels)

    def label_value(self, name: str) -> Any:
        """The class as the frame's label column holds it."""
        if name in self.examples:
            return self.frame.value(self.label_name, self.examples[name])
        some = next(iter(self.examples.values()), None)
        return name if some is None else like(self.frame.value(self.label_name, some), name)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new frame as a CSV, Parquet or JSONL file, by the suffix of ``path``."""
        write_whole(check_output(path, None, self.format), frame_bytes(self.improved(keep, labels), path))


def like(example: Any, name: str) -> Any:
    """A class name as a value of the example's type."""
    if isinstance(example, bool | np.bool_):
        if name in ("True", "False"):
            return name == "True"
        raise _other_type(example, name)
    try:
        return type(example)(name)
    except (TypeError, ValueError, ArithmeticError):
        raise _other_type(example, name) from None


def _other_type(example: Any, name: str) -> DataError:
    return DataError(
        f"the new label {name!r}",
        f"be a {type(example).__name__}, as the labels of the data",
        "that it is none",
        "Choose one of the classes, or turn the label column into text first.",
    )


def is_frame(source: object) -> bool:
    """True for data frames and tables, and for what exports Arrow data."""
    return wrapped(source) is not None


def read_frame(source: object) -> Read:
    """Every row of a data frame."""
    frame = wrapped(source)
    assert frame is not None  # callers ask is_frame first
    return read_wrapped(frame)


def read_wrapped(frame: Frame) -> Read:
    """Every row of a data frame whose library is known."""
    cells = frame.cells()
    check_distinct_names([column.name for column in cells], f"the {frame.kind} data")
    n_rows = len(cells[0]) if cells else 0
    if not n_rows:
        raise DataError(f"the {frame.kind} data", "hold rows", "none", "Check how it was made.")
    index = frame.index()
    content = content_of(cells, n_rows)
    return Read(
        cells,
        n_rows,
        FrameSource(frame, n_rows, content_hash(content)),
        ids=None if index is None else texts(index[0]),
        ids_name="" if index is None else index[1],
    )


def wrapped(source: object) -> Frame | None:
    """Recognised by the module of the type, so that no library is imported that the caller does not use."""
    module = type(source).__module__.split(".")[0]
    name = type(source).__name__
    if name == "Series" and module in ("pandas", "polars"):
        return _wrapped_series(source, module)
    if module == "pandas" and name == "DataFrame":
        return PandasFrame(source)
    if module == "polars" and name in ("DataFrame", "LazyFrame"):
        return PolarsFrame(source.collect() if name == "LazyFrame" else source)  # type: ignore[attr-defined]
    if module == "pyarrow" and name in ("Table", "RecordBatch"):
        return ArrowFrame(source)
    if module == "datasets" and isinstance(source, dict):
        raise DataError(
            "the Hugging Face data",
            "be one data set",
            f"a dict of the data sets {', '.join(map(str, source))}",
            "Pass one of them, and another as test=…",
        )
    if module == "datasets":
        return HuggingFaceDataset(source)
    return arrow_table_of(source)


def _wrapped_series(series: Any, module: str) -> Frame:
    """One column, called text where it has no name; it is given back as a series."""
    if module == "pandas":
        return PandasFrame(series.to_frame("text" if series.name is None else series.name), of_series=series)
    return PolarsFrame(series.to_frame(series.name or "text"), of_series=series)


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
        import narwhals as nw

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
            "the output", "have a suffix of a known format", repr(suffix), "Use .csv, .tsv, .parquet or .jsonl."
        )
    return stream.getvalue()


def in_callers_type(table: pl.DataFrame, source: Source, *, positions: Rows | None = None) -> Any:
    """A polars table as pandas or Arrow where the source was one, else as it is.

    ``positions`` (m,) are the rows of the source that the lines of the table stand for; a pandas table then carries
    their index.
    """
    if not isinstance(source, FrameSource):
        return table
    if source.format == "pandas":
        return _pandas(table, source, positions)
    return table.to_arrow() if source.format == "pyarrow" else table


def _pandas(table: pl.DataFrame, source: FrameSource, positions: Rows | None) -> Any:
    native = source.frame.native
    index = None if positions is None else native.index[np.asarray(positions)]
    return type(native)({name: table[name].to_list() for name in table.columns}, index=index)
