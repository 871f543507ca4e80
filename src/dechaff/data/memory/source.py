"""Data in memory as the source of a data set, and as files."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.outputs import IMPROVED, write_outputs
from dechaff.data.columns.cells import missing_of, row_bytes, texts
from dechaff.data.columns.names import check_distinct_names
from dechaff.data.dataset import Assumption, Dataset
from dechaff.data.formats.content import compressed
from dechaff.data.keys import content_hash, content_of
from dechaff.data.memory.frames import Frame, wrapped
from dechaff.data.memory.plain import WIDE, Rows, changed_column, numeric_features, plain_frame, plain_values
from dechaff.data.read import Read
from dechaff.data.source import SUFFIXES, Bound, Source, check_improved, suffix_of
from dechaff.data.source import Cells as NewCells
from dechaff.errors import DataError
from dechaff.typing import Columns, Mask


@dataclass(frozen=True)
class FrameSource(Bound):
    """A data frame, an array, a list or a dict in memory."""

    frame: Frame = field(repr=False)
    n_rows: int
    sha256: str
    path: Path | None = None

    @property
    def format(self) -> str:
        """The name of the library or type."""
        return self.frame.kind

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        """The new data: same type, index, columns and order."""
        frame, kept = self.frame, np.asarray(keep, dtype=bool)
        for name, cells in self.cells.items():
            frame = frame.with_cells(name, cells)
        if self.unlabelled:
            native = frame.labelled(self.label_name, [labels.get(row) for row in range(self.n_rows)])
            return (wrapped(native) or plain_frame(native)).changed(kept, self.label_name, {})
        values = self.spelled(labels, lambda row: self.frame.value(self.label_name, row))
        return frame.changed(kept, self.label_name, values)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new rows as a CSV, Parquet or JSONL file, by the suffix of ``path``."""
        target = check_improved(path, None, self.format)
        write_outputs({target: frame_bytes(self.improved(keep, labels), path)}, IMPROVED)


@dataclass(frozen=True)
class WithLabels(Bound):
    """A source whose labels were passed beside it; what comes out is the pair of both."""

    inner: Any
    labels: Any = field(repr=False)

    @property
    def format(self) -> str:
        """The data's own."""
        return str(self.inner.format)

    @property
    def path(self) -> Path | None:
        """The data's own."""
        found: Path | None = self.inner.path
        return found

    @property
    def sha256(self) -> str:
        """Hash of data and labels."""
        return content_hash([self.inner.sha256, *map(str, self.labels)])

    @property
    def n_rows(self) -> int:
        """Rows of the data."""
        return int(self.inner.n_rows)

    def with_cells(self, cells: NewCells) -> Self:
        """The same, with some cells of the data written by reviewers."""
        return replace(self, inner=self.inner.with_cells(cells))

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> tuple[Any, Any]:
        """The new data and the new labels, each in the caller's type."""
        series = wrapped(self.labels)
        if series is None:
            return self.inner.improved(keep, {}), changed_column(
                self.labels, keep, self.spelled(labels, lambda row: self.labels[row])
            )
        (name,) = series.names
        values = self.spelled(labels, lambda row: series.value(name, row))
        return self.inner.improved(keep, {}), series.changed(np.asarray(keep, dtype=bool), name, values)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new rows with a column ``label`` as a CSV, Parquet or JSONL file, by the suffix of ``path``."""
        data, new = self.improved(keep, labels)
        table = as_polars(data).with_columns(pl.Series("label", list(new)))
        write_outputs({check_improved(path, None, self.format): frame_bytes(table, path)}, IMPROVED)


def read_memory(data: Any) -> Read:
    """Every row of a data frame, an array, a list of texts, records or rows, or a dict of columns."""
    frame = wrapped(data) or plain_frame(data)
    cells = frame.cells()
    check_distinct_names([column.name for column in cells], f"the {frame.kind} data")
    if isinstance(frame, Rows) and not cells:
        return _read_wide(frame)
    n_rows = len(cells[0]) if cells else 0
    if not n_rows:
        raise DataError(f"The {frame.kind} data have no rows.", fix="Pass at least one row.")
    index = frame.index()
    return Read(
        cells,
        n_rows,
        FrameSource(frame, n_rows, content_hash(content_of(cells, n_rows))),
        ids=None if index is None else texts(index[0]),
        ids_name="" if index is None else index[1],
        texts=("text",) if isinstance(frame, Rows) and frame.is_text else (),
    )


def _read_wide(rows: Rows) -> Read:
    features, content = numeric_features(rows.flat, "the array"), row_bytes(rows.flat)
    why = f"the array has more than {WIDE} columns"
    assumed = Assumption("features", f"{features.shape[1]} numbers per row", why, "--drop")
    source = FrameSource(rows, len(features), content_hash(content.tolist()))
    return Read((), len(features), source, (assumed,), content=content, features=features)


def frame_bytes(data: Any, path: str | os.PathLike[str]) -> bytes:
    """Bytes of a CSV, TSV, Parquet or JSONL file (``.gz`` too); an index that names rows becomes a column."""
    index = getattr(data, "index", None)
    if index is not None and hasattr(data, "reset_index") and type(index).__name__ != "RangeIndex":
        data = data.reset_index()
    written = _bytes(as_polars(data), suffix_of(path))
    return compressed(written) if str(path).lower().endswith(".gz") else written


def as_polars(data: Any) -> pl.DataFrame:
    """Data in memory as a polars frame."""
    if isinstance(data, np.ndarray | list | tuple | dict):
        return _plain_polars(data)
    if hasattr(data, "iloc"):
        # By way of Python values: pandas hands its strings to others only if pyarrow is installed.
        return pl.DataFrame([_column(str(name), data.iloc[:, place]) for place, name in enumerate(data.columns)])
    if hasattr(data, "column_names") and hasattr(data, "to_polars"):
        table: pl.DataFrame = data.to_polars()
    else:
        import narwhals as nw

        table = nw.from_native(data, eager_only=True).to_polars()
    return table


def _plain_polars(data: Any) -> pl.DataFrame:
    if isinstance(data, Mapping):
        return pl.DataFrame({str(name): plain_values(column) for name, column in data.items()})
    if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        return pl.DataFrame(list(data), infer_schema_length=None)
    array = np.array(data, dtype=object) if not len(data) or isinstance(data[0], str) else np.asarray(data)
    if array.dtype.names:
        return pl.DataFrame({name: array[name].tolist() for name in array.dtype.names})
    if array.ndim == 1:
        return pl.DataFrame({"text": array.tolist()})
    flat = array.reshape(len(array), -1)
    return pl.DataFrame({f"f{place}": flat[:, place] for place in range(flat.shape[1])})


def _column(name: str, column: Any) -> pl.Series:
    values = column.tolist()
    return pl.Series(
        name, [None if gone else value for value, gone in zip(values, missing_of(values), strict=True)], strict=False
    )


def _bytes(table: pl.DataFrame, suffix: str) -> bytes:
    stream = io.BytesIO()
    if suffix in SUFFIXES["csv"]:
        table.write_csv(stream, separator="\t" if suffix in (".tsv", ".tab") else ",")
    elif suffix in SUFFIXES["parquet"]:
        table.write_parquet(stream)
    elif suffix in SUFFIXES["jsonl"]:
        table.write_ndjson(stream)
    else:
        raise DataError(
            "the output", "have a suffix of a known format", repr(suffix), "Use .csv, .tsv, .parquet or .jsonl."
        )
    return stream.getvalue()


def in_callers_type(table: pl.DataFrame, data: Dataset, *, of_rows: bool = False) -> Any:
    """A polars table as pandas or Arrow if the source of the data was one, else as it is.

    In a pandas table, the column ``row`` holds the values of the index (or of the id column) as they are in the
    caller's frame, None in lines that are about no row. ``of_rows`` says that its lines are the rows of the data; it
    then carries their index.
    """
    source: Source = data.source.inner if isinstance(data.source, WithLabels) else data.source
    if source.format == "pandas" and isinstance(source, FrameSource):
        native = source.frame.native
        columns: Columns = {name: table[name].to_list() for name in table.columns}
        own = _own_names(source.frame, data.id_name)
        place = dict(zip(data.ids.tolist(), data.positions.tolist(), strict=True))
        rows = [own[place[name]] if name in place else None for name in columns["row"]]
        columns["row"] = rows if None not in rows else _objects(rows)
        return type(native)(columns, index=native.index[np.asarray(data.positions)] if of_rows else None)
    return table.to_arrow() if source.format == "pyarrow" else table


def _own_names(frame: Frame, id_name: str) -> list[Any]:
    """The values that name the rows of a pandas frame."""
    if id_name in frame.names:
        return frame.column(frame.names.index(id_name))
    names: list[Any] = frame.native.index.tolist()
    return names


def _objects(values: list[Any]) -> npt.NDArray[np.object_]:
    """Values as they are: pandas would turn whole numbers beside None into fractions."""
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return made
