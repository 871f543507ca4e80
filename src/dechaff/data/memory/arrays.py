"""Arrays, lists and dicts in memory: read as columns, given back as what they were."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import write_whole
from dechaff.data.columns.cells import Cells, cells_from_values, texts
from dechaff.data.dataset import Assumption
from dechaff.data.keys import content_hash, content_of
from dechaff.data.memory.frames import as_polars, frame_bytes, like, wrapped
from dechaff.data.read import Read
from dechaff.data.source import check_output
from dechaff.errors import DataError
from dechaff.typing import Mask, Texts

WIDE = 100
"""Arrays of more numbers per row than this are features (an embedding, pixels), not columns to be read one by one."""


@dataclass(frozen=True)
class MemorySource:
    """Rows of an array, a list or a dict of columns."""

    data: Any = field(repr=False)
    format: str
    n_rows: int
    sha256: str
    label_name: str = ""
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    path: Path | None = None

    def bound(self, label_name: str, examples: Mapping[str, int]) -> MemorySource:
        """The same rows that know their label column and a row of each class."""
        return replace(self, label_name=label_name, examples=examples)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        """The new rows in the caller's type."""
        kept = [int(row) for row in np.flatnonzero(keep)]
        if isinstance(self.data, np.ndarray):
            return self.data[kept]
        if isinstance(self.data, Mapping):
            return {name: self._column(name, column, kept, labels) for name, column in self.data.items()}
        return type(self.data)(self._record(self.data[row], labels.get(row)) for row in kept)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new rows as a CSV, Parquet or JSONL file, by the suffix of ``path``."""
        write_whole(check_output(path, None, self.format), frame_bytes(as_frame(self.improved(keep, labels)), path))

    def _column(self, name: str, column: Any, kept: list[int], labels: Mapping[int, str]) -> Any:
        cells = list(column)
        if name == self.label_name:
            for row, label in labels.items():
                cells[row] = self._value(label)
        chosen = [cells[row] for row in kept]
        if isinstance(column, np.ndarray):
            return same_array(column, chosen)
        return type(column)(chosen) if isinstance(column, list | tuple) else chosen

    def _record(self, record: Any, label: str | None) -> Any:
        if label is None or not isinstance(record, Mapping):
            return record
        return {**record, self.label_name: self._value(label)}

    def _value(self, name: str) -> Any:
        row = self.examples.get(name)
        if row is not None:
            return self._label_at(row)
        some = next(iter(self.examples.values()), None)
        return name if some is None else like(self._label_at(some), name)

    def _label_at(self, row: int) -> Any:
        if isinstance(self.data, Mapping):
            return self.data[self.label_name][row]
        return self.data[row][self.label_name]


@dataclass(frozen=True)
class WithLabels:
    """A source whose labels were passed beside it; what comes out is the pair of both."""

    inner: Any
    labels: Any = field(repr=False)
    examples: Mapping[str, int] = field(default_factory=dict, repr=False)
    label_name: str = ""

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

    def bound(self, label_name: str, examples: Mapping[str, int]) -> WithLabels:
        """The same pair that knows a row of each class."""
        return replace(self, label_name=label_name, examples=examples)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> tuple[Any, Any]:
        """The new data and the new labels, each in the caller's type."""
        return self.inner.improved(keep, {}), self._new_labels(keep, labels)

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new rows with a column ``label`` as a CSV, Parquet or JSONL file, by the suffix of ``path``."""
        frame = as_frame(self.inner.improved(keep, {}))
        cells = self._new_labels(keep, labels)
        table = as_polars(frame).with_columns(pl.Series("label", list(cells)))
        write_whole(check_output(path, None, self.format), frame_bytes(table, path))

    def _new_labels(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        values = {row: self._value(name) for row, name in labels.items()}
        series = wrapped(self.labels)
        if series is not None:
            return series.changed(np.asarray(keep, dtype=bool), series.cells()[0].name, values)
        cells = list(self.labels)
        for row, value in values.items():
            cells[row] = value
        chosen = [cells[row] for row in np.flatnonzero(keep)]
        if isinstance(self.labels, np.ndarray):
            return same_array(self.labels, chosen)
        return type(self.labels)(chosen) if isinstance(self.labels, list | tuple) else chosen

    def _value(self, name: str) -> Any:
        if name in self.examples:
            return self._at(self.examples[name])
        some = next(iter(self.examples.values()), None)
        return name if some is None else like(self._at(some), name)

    def _at(self, row: int) -> Any:
        return self.labels.iloc[row] if hasattr(self.labels, "iloc") else self.labels[row]


def same_array(before: npt.NDArray[Any], cells: Sequence[Any]) -> npt.NDArray[Any]:
    """The cells as an array of the old type; strings may grow."""
    return np.array(cells, dtype=None if before.dtype.kind in "US" and len(cells) else before.dtype)


def read_memory(data: Any) -> Read:
    """Every row of a numpy array, a list of texts or records, or a dict of columns."""
    if isinstance(data, np.ndarray):
        return _read_array(data)
    if isinstance(data, Mapping):
        return _read_columns(data)
    if not len(data):
        raise DataError("the list", "hold rows", "none", "Check how it was made.")
    if all(isinstance(record, Mapping) for record in data):
        names = list(dict.fromkeys(name for record in data for name in record))
        cells = tuple(cells_from_values(str(name), [record.get(name) for record in data]) for name in names)
        return _read_of(data, "list of records", cells, len(data))
    if all(isinstance(record, str) or record is None for record in data):
        read = _read_of(data, "list of texts", (cells_from_values("text", list(data)),), len(data))
        return replace(read, texts=("text",))
    if all(isinstance(record, list | tuple | np.ndarray) for record in data):
        read = _read_array(_rectangle(data))
        return replace(read, source=replace(read.source, data=data, format="list of rows"))
    raise DataError(
        "the list",
        "hold texts, records (dicts) or rows of numbers",
        f"items of type {', '.join(sorted({type(record).__name__ for record in data})[:4])}",
        "Pass a data frame, or a list of one kind.",
    )


def _rectangle(rows: Sequence[Any]) -> npt.NDArray[Any]:
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        bad = next(place for place, length in enumerate(lengths) if length != lengths[0])
        raise DataError(
            "the list of rows",
            f"have {lengths[0]} values in each row, as in the first",
            f"{lengths[bad]} in row {bad}",
            "Fill the row up.",
        )
    try:
        return np.asarray(rows)
    except ValueError:
        raise DataError(
            "the list of rows",
            "have one value in each place of a row",
            "arrays of several lengths inside a row",
            "Pass a matrix and its labels as the pair (data, labels).",
        ) from None


def _read_columns(data: Mapping[Any, Any]) -> Read:
    lengths = {str(name): len(column) for name, column in data.items()}
    if not lengths or len(set(lengths.values())) > 1 or not next(iter(lengths.values())):
        raise DataError(
            "the dict of columns",
            "hold columns of one length, at least one row long",
            ", ".join(f"{name}: {length}" for name, length in list(lengths.items())[:6]) or "no column",
            "Check how it was made.",
        )
    cells = tuple(cells_from_values(str(name), _plain(column)) for name, column in data.items())
    return _read_of(data, "dict of columns", cells, next(iter(lengths.values())))


def _plain(column: Any) -> list[Any]:
    if isinstance(column, np.ndarray) and column.ndim > 1:
        return list(column)
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def _read_of(data: Any, format: str, cells: tuple[Cells, ...], n_rows: int) -> Read:
    return Read(cells, n_rows, MemorySource(data, format, n_rows, content_hash(content_of(cells, n_rows))))


def _read_array(data: npt.NDArray[Any]) -> Read:
    if data.ndim == 0 or not data.size:
        raise DataError("the array", "hold rows", f"shape {data.shape}", "Check how it was made.")
    if data.dtype.names:
        cells = tuple(cells_from_values(name, data[name].tolist()) for name in data.dtype.names)
        return _read_of(data, "numpy", cells, len(data))
    if data.ndim == 1 and data.dtype.kind in "OUS":
        read = _read_of(data, "numpy", (cells_from_values("text", data.tolist()),), len(data))
        return replace(read, texts=("text",))
    flat = data.reshape(len(data), -1)
    if flat.shape[1] > WIDE:
        return _read_wide(data, flat)
    cells = tuple(cells_from_values(f"f{place}", flat[:, place].tolist()) for place in range(flat.shape[1]))
    return _read_of(data, "numpy", cells, len(data))


def _read_wide(data: npt.NDArray[Any], flat: npt.NDArray[Any]) -> Read:
    features = numeric_features(flat, "the array")
    content = row_bytes(flat)
    assumed = Assumption(
        "features", f"{flat.shape[1]} numbers a row", f"the array has more than {WIDE} columns", "--drop"
    )
    return Read(
        (), len(data), MemorySource(data, "numpy", len(data), content_hash(content.tolist())), (assumed,),
        content=content, features=features,
    )  # fmt: skip


def numeric_features(array: npt.NDArray[Any], what: str) -> npt.NDArray[np.float64]:
    """A numeric (n, d) array as float64; a DataError for anything else."""
    if array.dtype.kind not in "fiub":
        raise DataError(what, "hold numbers", f"an array of {array.dtype}", "Pass a numeric array.")
    return np.asarray(array.reshape(len(array), -1), dtype=np.float64)


def row_bytes(flat: npt.NDArray[Any]) -> Texts:
    """Each row's bytes as text, so that equal rows are equal and others are not."""
    return texts([np.ascontiguousarray(row).tobytes().hex() for row in flat])


def as_frame(data: Any) -> Any:
    """Rows of any kind as a data frame."""
    if isinstance(data, np.ndarray):
        flat = data.reshape(len(data), -1)
        if data.ndim == 1:
            return pl.DataFrame({"text": data.tolist()})
        return pl.DataFrame({f"f{place}": flat[:, place] for place in range(flat.shape[1])})
    if isinstance(data, Mapping):
        return pl.DataFrame({str(name): _plain(column) for name, column in data.items()})
    if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        return pl.DataFrame(list(data), infer_schema_length=None)
    if isinstance(data, list | tuple):
        return (
            pl.DataFrame({"text": list(data)}) if not data or isinstance(data[0], str) else as_frame(np.asarray(data))
        )
    return data
