"""Labels and probabilities in files, as a source of parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.parts import Parts
from dechaff.data.classes import no_such_class, without_column
from dechaff.data.columns.names import unknown_column
from dechaff.data.columns.probs import BOTH, Options, as_floats, check_class_columns
from dechaff.data.formats.files import Reading, TableFiles, format_of, named_files, no_files, open_files
from dechaff.data.formats.npy import (
    LABEL_NAMES,
    ArrayFile,
    array_parts,
    first_named,
    named_probs,
    npy_file,
    npz_files,
)
from dechaff.data.formats.part import FilePart, TextPart, part_with
from dechaff.data.formats.source import no_rows
from dechaff.data.streams.label_codes import LabelCodes
from dechaff.data.streams.label_part import LabelColumns, LabelPart
from dechaff.errors import DataError, InputError, LabelsError, ProbsError
from dechaff.records.options import FileOptions

_ARRAYS = (".npy", ".npz")
_IDS_AT_ONCE = 2**24
_NO_IDS = "Leave them out: rows are then named by their position."


@dataclass(frozen=True)
class LabelStream:
    """Rows in parts, what is known of their columns, and the files that they come from."""

    rows: tuple[LabelPart, ...] = field(repr=False)
    n_classes: int
    names: tuple[Any, ...] | None
    """Names of the classes by column, where columns have names."""
    id_name: str | None
    files: tuple[Path, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the probabilities, once they are floats."""
        return as_floats(np.empty((0, 2), dtype=self.rows[0].roles.dtype)).dtype

    @property
    def source(self) -> Parts:
        """The rows as they are."""
        return Parts(self.rows)

    def where_of(self, row: int) -> str:
        """The file and the place in it where a row stands, for messages."""
        return str(part_with(self.rows, row).table.where_of(row))

    def coded(self, codes: LabelCodes, *, checked: bool = False, by_column: bool = False) -> Parts:
        """The rows with codes for their labels; `checked` looks at each row of probabilities.

        With `by_column`, for methods to which it makes no difference, those of a class lie together where files have
        them so.
        """
        return Parts(tuple(replace(part, codes=codes, checked=checked, by_column=by_column) for part in self.rows))


def open_label_stream(
    probs: Any,
    labels: Any,
    *,
    id: str | None = None,
    class_names: Sequence[Any] | None = None,
    options: Options = BOTH,
    files: FileOptions = FileOptions(),
) -> LabelStream:
    """Files of probabilities with their labels.

    Parameters
    ----------
    probs : path of a file, folder, pattern, or a list of paths
        Parquet, CSV or JSONL with one column per class or one column of lists, or one ``.npy`` of shape (n, k).
    labels : name of the column of the labels, or the path of an ``.npy`` beside an ``.npy``; None = label, labels or y.
    id : name of the column that names the rows.
    class_names : names of the classes, in the order of the columns.
    options : what errors call these.
    files : how text files are read.

    Raises
    ------
    DataError
        If files are absent, damaged, or differ in their columns; the message names the file.
    """
    paths = label_files(probs)
    if paths[0].suffix.lower() in _ARRAYS:
        return _from_arrays(paths, labels, id, class_names, options)
    table = _Table(open_files(paths, Reading.of(files, labels, header=True), alike=False))
    label = _label_column(table, labels, options)
    if id is not None and id not in table.schema:
        raise unknown_column("the id column", id, list(table.schema), options.id)
    roles, names = _columns(table, label, id, class_names, options)
    used = [roles.label, *roles.probs, *([id] if id else [])]
    table.check_columns(used)
    parts = tuple(LabelPart(part, roles) for part in table.parts_as_floats(roles.probs))
    if not parts:
        raise no_rows(table.files)
    return LabelStream(parts, roles.n_classes, names, id, paths)


def label_files(source: Any) -> tuple[Path, ...]:
    """The files that a path, a folder, a pattern or a list of them names; those of a folder and a pattern by name.

    Raises
    ------
    InputError
        If it is no path, or there is no file.
    """
    files: tuple[Path, ...] = ()
    for one in source if isinstance(source, list | tuple) and source else [source]:
        if not isinstance(one, str | os.PathLike):
            raise InputError(
                "probs",
                "be the path of a file, of a folder, a pattern, or a list of paths",
                f"{type(one).__name__}",
                "Name the files of the probabilities; find_label_errors takes arrays and data frames.",
            )
        found = named_files(one, lambda file: format_of(file) or file.suffix.lower() in _ARRAYS)
        if not found:
            raise no_files(Path(one))
        files += tuple(file.absolute() for file in found)  # workers may stand elsewhere
    return files


@dataclass(frozen=True)
class _Table:
    """Files, and the types of their columns."""

    files: TableFiles

    @cached_property
    def parts(self) -> list[FilePart]:
        """Those that hold rows; of Parquet all, which are known without reading them."""
        found = [part for part in self.files.number_parts if part.n_rows or not self.in_text]
        types = self.files.schemas if self.in_text else ()
        return [replace(one, types=types[one.file]) if isinstance(one, TextPart) else one for one in found]

    @cached_property
    def schemas(self) -> Mapping[Path, Mapping[str, Any]]:
        """The types by file, of those with rows if there are any; the first one sets what the others must be."""
        with_rows = {part.file for part in self.parts} or range(len(self.files.files))
        return {self.files.files[place]: self.files.schemas[place] for place in sorted(with_rows)}

    @property
    def schema(self) -> Mapping[str, Any]:
        """Types of the columns of the first file."""
        return next(iter(self.schemas.values()))

    @property
    def in_text(self) -> bool:
        """Whether the types are sniffed, so that a column of 0 and 1 may go on with .5."""
        return self.files.format in ("csv", "jsonl")

    def values_of(self, column: str) -> Iterator[Any]:
        """The values of a column, in order."""
        for part in self.parts:
            for frame in part.frames([column]):
                yield from frame[column].to_list()

    def check_columns(self, columns: Sequence[str]) -> None:
        """A DataError that names the first file that lacks one of these columns of the first, or has another type."""
        first, *others = self.schemas.items()
        for path, schema in others:
            for column in columns:
                if not self._alike(schema.get(column), first[1][column]):
                    place = next((part.where for part in self.parts if self.files.files[part.file] == path), path)
                    raise DataError(
                        f"the column {column!r} of {place}",
                        f"contain {first[1][column]}, as in {first[0]}",
                        f"{schema[column]}" if column in schema else f"the columns {', '.join(list(schema)[:8])}",
                        "Write the file again with the columns and types of the others.",
                    )

    def _alike(self, one: Any, other: Any) -> bool:
        if one is None or not self.in_text:
            return bool(one == other)
        return bool(one == other or (one.is_numeric() and other.is_numeric()))

    def parts_as_floats(self, columns: Sequence[str]) -> list[FilePart]:
        """The parts, in which these columns of numbers are floats if their types are sniffed."""
        wide = {column: pl.List(pl.Float64) if self.schema[column].is_nested() else pl.Float64 for column in columns}
        return [
            replace(part, types={**(part.types or {}), **wide}) if isinstance(part, TextPart) else part
            for part in self.parts
        ]


def _from_arrays(
    files: tuple[Path, ...], labels: Any, id: str | None, class_names: Sequence[Any] | None, options: Options
) -> LabelStream:
    if len(files) != 1 or id is not None:
        raise InputError(
            f"probabilities in {files[0].suffix}",
            "be one file, whose rows are named by their numbers",
            f"{len(files)} files" if len(files) != 1 else f"the id column {id!r}",
            f"Write them as Parquet files to have several{', or ids' if options.id else ''}.",
        )
    names = None if class_names is None else tuple(class_names)
    if files[0].suffix.lower() == ".npz":
        probs, given, named = _in_npz(files[0], labels, options)
        return _of_arrays(probs, given, named if names is None else names, files)
    beside = Path(str(labels)).absolute() if labels is not None else files[0].with_name("labels.npy")
    if labels is None and not beside.is_file():
        raise InputError(f"No labels found for {files[0]}.", fix=f"Name their file, e.g. labels.npy: {options.label}.")
    return _of_arrays(npy_file(files[0]), npy_file(beside), names, (files[0], beside))


def _of_arrays(
    probs: ArrayFile, labels: ArrayFile, names: tuple[Any, ...] | None, files: tuple[Path, ...]
) -> LabelStream:
    parts = array_parts(probs, labels)
    roles = LabelColumns("labels", ("probs",), probs.shape[1], as_floats(np.empty((0, 2), probs.dtype)).dtype)
    return LabelStream(tuple(LabelPart(part, roles) for part in parts), probs.shape[1], names, None, files)


def _in_npz(path: Path, labels: Any, options: Options) -> tuple[ArrayFile, ArrayFile, tuple[Any, ...] | None]:
    """The arrays of probabilities and labels, and the names of the classes, if they have any."""
    arrays = npz_files(path)
    probs, names = named_probs(path, arrays)
    label = first_named(arrays, LABEL_NAMES) if labels is None else str(labels)
    if label not in arrays:
        raise InputError(
            "labels",
            f"be in {path} as labels",
            f"the arrays {', '.join(arrays)}",
            f"Store them so with np.savez, or name the array of the labels: {options.label}.",
        )
    named = tuple(arrays[names].rows(0, arrays[names].shape[0]).tolist()) if names else None
    return arrays[probs], arrays[label], named


def _label_column(table: _Table, labels: Any, options: Options) -> str:
    columns = list(table.schema)
    if labels is None:
        found = first_named(columns, LABEL_NAMES)
        if not found:
            raise InputError(
                "labels", "be a column of the files", f"the columns {', '.join(columns[:8])}",
                f"Name the column that holds them: {options.label}.",
            )  # fmt: skip
        return found
    if str(labels) not in columns:
        raise unknown_column("the label column", str(labels), columns, options.label)
    return str(labels)


def _columns(
    table: _Table, label: str, id: str | None, class_names: Sequence[Any] | None, options: Options
) -> tuple[LabelColumns, tuple[Any, ...] | None]:
    others = [name for name in table.schema if name not in (label, id)]
    lists = [name for name in others if isinstance(table.schema[name], pl.List | pl.Array)]
    if len(lists) == 1:
        k, dtype = _of_lists(table, lists[0])
        names = None if class_names is None else tuple(class_names)
        return LabelColumns(label, (lists[0],), k, dtype, id), names
    if class_names is not None and set(map(str, class_names)) <= set(others):
        others = [str(name) for name in class_names]
    check_class_columns(
        {name: table.schema[name].is_numeric() for name in others}, table.values_of, table.files.where_of, options
    )
    dtypes = [np.dtype(np.float64) if table.in_text else _numpy_of(table.schema[name]) for name in others]
    names = tuple(others) if class_names is None else tuple(class_names)
    return LabelColumns(label, tuple(others), len(others), np.result_type(*dtypes), id), names


def _of_lists(table: _Table, name: str) -> tuple[int, np.dtype[Any]]:
    """Length and precision of the lists, by the first row."""
    kind = table.schema[name]
    if isinstance(kind, pl.Array):
        return int(kind.size), _numpy_of(kind.inner)
    first = next((frame for part in table.parts for frame in part.frames([name]) if len(frame)), None)
    length = 0 if first is None else first[name].list.len()[0]
    if not length or length < 2:
        raise ProbsError(
            f"the column {name!r}",
            "contain a list of the probabilities of two classes or more",
            f"{length or 'none'} in row 0",
            "Give every row the probability of each class.",
        )
    return int(length), _numpy_of(kind.inner)


def _numpy_of(kind: Any) -> np.dtype[Any]:
    return np.dtype(np.float64) if kind.is_decimal() else pl.Series([], dtype=kind).to_numpy().dtype


def stray_label(stream: LabelStream, names: Sequence[Any] | None) -> LabelsError | None:
    """The error that names the first such label with its file and row; None if every label has a column.

    Labels are read in the order of rows, by this process, up to the first that has no column.
    """
    k = stream.n_classes
    first: dict[Any, int] = {}
    for label, row in _new_labels(stream):
        first[label] = row
        if len(first) > k or (names is not None and without_column([label], k, names)):
            break
    stray = next(iter(without_column(list(first), k, names)), None)
    if stray is None:
        return None
    return no_such_class(f"{stray!r} in row {first[stray]} ({stream.where_of(first[stray])})", k, names)


def _new_labels(stream: LabelStream) -> Iterator[tuple[Any, int]]:
    """Each different label with its first row; missing ones have their own error."""
    seen: set[Any] = set()
    for chunk in stream.source.chunks(["given", "row"]):
        labels: Any = chunk["given"]
        for label in labels.unique(maintain_order=True).drop_nulls().to_list():
            if label not in seen and label == label:
                seen.add(label)
                yield label, int(chunk["row"][labels.index_of(label)])


def check_ids(stream: LabelStream) -> None:
    """An InputError if an id is missing, or names two rows; a part of the ids is looked at a time, by their hashes."""
    n = sum(part.n_rows for part in stream.rows)
    shares = np.uint64(1 + n // _IDS_AT_ONCE)
    for share in np.arange(shares, dtype=np.uint64):
        found = [some[:, some[1] % shares == share] for some in _hashed_ids(stream)]
        rows, hashes = np.concatenate(found, axis=1)
        order = np.argsort(hashes, kind="stable")
        again = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
        for one, other in sorted(zip(rows[order[again]].tolist(), rows[order[again + 1]].tolist(), strict=True)):
            value = _id_at(stream, one)
            if value == _id_at(stream, other):  # two ids may have one hash
                places = f"in row {one} ({stream.where_of(one)}) and in row {other} ({stream.where_of(other)})"
                raise InputError("ids", f"name each of the {n} rows once", f"{value!r} {places}", _NO_IDS)


def _hashed_ids(stream: LabelStream) -> Iterator[npt.NDArray[np.uint64]]:
    """(2, n) rows, and the hashes of their ids."""
    for first_row, ids in _ids_of(stream.rows):
        if ids.null_count():
            row = first_row + int(ids.is_null().arg_max() or 0)
            raise InputError("ids", "name each row", f"none in row {row} ({stream.where_of(row)})", _NO_IDS)
        yield np.stack([np.arange(first_row, first_row + len(ids), dtype=np.uint64), ids.hash().to_numpy()])


def _id_at(stream: LabelStream, row: int) -> Any:
    return next(ids[row - first] for first, ids in _ids_of([part_with(stream.rows, row)]) if row < first + len(ids))


def _ids_of(parts: Sequence[LabelPart]) -> Iterator[tuple[int, pl.Series]]:
    """The ids in order, each series with its first row."""
    for part in parts:
        first_row, name = part.first_row, part.roles.id or ""
        for frame in part.table.frames([name]):
            yield first_row, pl.Series(frame[name])
            first_row += len(frame[name])
