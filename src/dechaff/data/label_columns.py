"""Labels and probabilities as people hold them: lists, arrays, series, frames with a column a class, files."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.cells import missing_of
from dechaff.data.columns import unknown_column
from dechaff.data.csv_dialect import header_names, sniff_delimiter
from dechaff.data.frames import wrapped
from dechaff.data.npz import npz_members
from dechaff.data.source import suffix_of
from dechaff.errors import DataError, LabelsError, ProbsError

Values = npt.NDArray[Any]
_HEAD = 2**16


@dataclass(frozen=True)
class ProbTable:
    """Probabilities with the names of their columns, where they have some, and what stood beside them."""

    probs: Values = field(repr=False)
    names: tuple[Any, ...] | None = None
    native: Any = field(default=None, repr=False)
    """The caller's own data frame."""
    others: dict[str, Values] = field(default_factory=dict, repr=False)
    """Columns or arrays that are no probabilities: labels, ids."""


def column_values(column: Any) -> Values:
    """The values of a list, array, series or one-column frame, as one array; never a copy of an array."""
    if isinstance(column, np.ndarray):
        return column
    if hasattr(column, "columns") and not hasattr(column, "dtype"):  # a frame or table of one column
        column = _only_column(column)
    if hasattr(column, "to_pylist"):  # pyarrow
        return _as_array(column.to_pylist())
    if hasattr(column, "to_numpy"):  # pandas and polars series
        values = np.asarray(column.to_numpy())
        return _as_array(values.tolist()) if values.dtype == object else values  # pandas' own integers are objects
    return _as_array(list(column))


def _only_column(frame: Any) -> Any:
    columns = list(frame.columns)
    if len(columns) != 1:
        raise LabelsError("labels", "be one column", f"{len(columns)} columns", "Hand in the column of the labels.")
    name = columns[0]
    return frame[name] if isinstance(name, str) or not hasattr(frame, "schema") else name


def _as_array(values: list[Any]) -> Values:
    """One array; of objects where the values are not all of one kind, so that 1 and "1" stay apart."""
    array = np.array(values) if len(set(map(type, values))) <= 1 else np.array(values, dtype=object)
    if array.ndim == 1:
        return array
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def is_path(source: object) -> bool:
    """True for the name of a file."""
    return isinstance(source, str | os.PathLike)


def prob_table(source: Any, *, beside: Sequence[str] = ()) -> ProbTable:
    """Probabilities from an array, a data frame, or a file (npz, csv, tsv, parquet).

    ``beside`` names columns of a frame that are no probabilities.
    """
    if is_path(source):
        return _from_file(Path(source), beside)
    frame = wrapped(source)
    if frame is None:
        return ProbTable(np.asarray(source))
    return _from_frame(source, beside)


def _from_frame(native: Any, beside: Sequence[str]) -> ProbTable:
    names = [name for name in _column_names(native) if name not in beside]
    for wanted in beside:
        if wanted not in _column_names(native):
            raise unknown_column("the column", wanted, [str(name) for name in _column_names(native)], "--label")
    others = {name: column_values(native[name]) for name in beside}
    parts = [_numbers(name, column_values(_column(native, name))) for name in names]
    if len(parts) < 2:
        raise ProbsError(
            "probs", "have one column a class, two at least", f"{len(parts)} columns", "Hand in a column a class."
        )
    return ProbTable(np.stack(parts, axis=1), tuple(names), native, others)


def _column_names(native: Any) -> list[Any]:
    return list(native.column_names if hasattr(native, "column_names") else native.columns)


def _column(native: Any, name: Any) -> Any:
    return native[name]


def _numbers(name: Any, values: Values) -> Values:
    if values.dtype.kind not in "fiub":
        raise ProbsError(
            f"the column {name!r} of probs",
            "hold the probability of a class",
            f"{values.dtype} such as {values.tolist()[0] if len(values) else None!r}",
            "Name the column of labels (--label, labels=) and that of ids (--id, ids=); leave out what is no class.",
        )
    return values


def _from_file(path: Path, beside: Sequence[str]) -> ProbTable:
    _check_file(path)
    if suffix_of(path) == ".npz":
        return _from_npz(path)
    if suffix_of(path) == ".npy":
        return ProbTable(read_npy(path))
    return _from_frame(read_table(path), beside)


def _check_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir() or glob.has_magic(str(path)):
        raise DataError(
            f"the path {path}",
            "name one file, to be read into memory",
            "a folder" if path.is_dir() else "no such file",
            "To stream all of its files say where the scores go: dechaff labels … --out FOLDER/, stream_label_errors.",
        )
    raise DataError(f"the file {path}", "exist", "no such file", "Check the path.")


def read_npy(path: Path) -> Values:
    """The array of an ``.npy`` file, as a map of it, or a DataError."""
    _check_file(path)
    try:
        array: Values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        first = str(error).split("\n", 1)[0] or "an empty file"
        raise DataError(
            f"the file {path}", "be a whole .npy file of numbers or text", first, "Write it again with np.save."
        ) from error
    return array


def _from_npz(path: Path) -> ProbTable:
    members = npz_members(path, path.read_bytes())
    probs = next((members[name] for name in ("pred_probs", "probs") if name in members), None)
    if probs is None:
        raise DataError(
            f"the file {path}",
            "hold out-of-sample probabilities as pred_probs or probs",
            f"the arrays {', '.join(members) or 'none'}",
            "Store them as pred_probs (n, k), beside labels (n,).",
        )
    names = next((tuple(members[name].tolist()) for name in ("class_names", "classes") if name in members), None)
    return ProbTable(probs, names, None, members)


def read_table(path: Path) -> pl.DataFrame:
    """A CSV, TSV or Parquet file as a frame, or a DataError."""
    _check_file(path)
    try:
        if suffix_of(path) in (".parquet", ".pq"):
            return pl.read_parquet(path)
        return _read_csv(path)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        first = str(error).split("\n", 1)[0]
        raise DataError(
            f"the file {path}", "be a whole CSV, TSV, Parquet or npz file", first, "Write it again, in UTF-8."
        ) from error


def _read_csv(path: Path) -> pl.DataFrame:
    """What parts the fields, and the names of the columns, are told by the first records."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD).decode("utf-8-sig", errors="ignore")
    delimiter, _ = sniff_delimiter(head, None, tab_first=suffix_of(path) in (".tsv", ".tab"))
    frame = pl.read_csv(path, separator=delimiter, infer_schema_length=None)
    names = header_names(head, delimiter)
    if len(set(names)) == frame.width:
        frame.columns = names
    return frame


def encode_classes(
    values: Values, n_classes: int, names: Sequence[Any] | None, *, where: str | None = ""
) -> tuple[Values, npt.NDArray[np.int64]]:
    """The classes in the caller's own values, in the order of the columns, and the code of each label.

    Labels are matched to `names` by value, then by their text, 1.0 as "1"; whole numbers from 0 to k-1 that are no
    names are places of columns. Without names, such numbers are places, too, and any other k values are the classes in
    their sorted order, as scikit-learn sorts them. Errors say `where` beside the row, such as a file; None where the
    values are the different labels of a stream, of which no row is known.

    Raises
    ------
    LabelsError
        Where a label is missing or has no column.
    ProbsError
        Where names and columns differ in number.
    """
    _refuse_missing(values, where or "")
    if names is None:
        return _unnamed(values, n_classes, where=where)
    if len(names) != n_classes or len(set(names)) != n_classes:
        raise ProbsError(
            "class_names",
            f"name each of the {n_classes} columns of probs once",
            f"{len(names)} names, {len(set(names))} of them distinct",
            "Give one name a column, in the order of the columns.",
        )
    return _named(values, list(names), where=where)


def _refuse_missing(values: Values, where: str) -> None:
    if values.ndim != 1:
        raise LabelsError("labels", "be one-dimensional", f"shape {values.shape}", "Hand in one label a row.")
    if values.dtype.kind not in "fO":
        return
    gone = np.flatnonzero(missing_of(values.tolist()))
    if len(gone):
        raise LabelsError(
            "labels",
            "be given in every row",
            f"{values.tolist()[gone[0]]!r} in row {gone[0]}{where} ({len(gone)} such rows)",
            "Leave out the rows without a label.",
        )


def _named(values: Values, names: list[Any], *, where: str | None) -> tuple[Values, npt.NDArray[np.int64]]:
    present = _distinct(values)
    for match in (lambda value: value, str, _spelled):
        code = {match(name): place for place, name in enumerate(names)}
        if all(match(value) in code for value in present):
            own = {code[match(value)]: value for value in present}
            kind = type(present[0]) if present else None
            classes = [own.get(place, _alike(name, kind)) for place, name in enumerate(names)]
            return _class_array(classes), _codes(values, {value: code[match(value)] for value in present})
    if _are_places(values, len(names)):
        return _class_array(names), values.astype(np.int64)
    strays = set(without_column(present, len(names), names)) or set(present)
    row, stray = next((row, value) for row, value in enumerate(values.tolist()) if value in strays)
    raise no_such_class(stray, "" if where is None else f" in row {row}{where}", len(names), names)


def _spelled(value: Any) -> str:
    """As text, without the ``.0`` that a column with gaps gives to whole numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _alike(name: Any, kind: type | None) -> Any:
    """A name of a class without rows as a number, where the other classes are such numbers and it reads as one."""
    if kind in (int, float) and isinstance(name, str):
        with suppress(ValueError):
            return kind(name)
    return name


def without_column(labels: Sequence[Any], n_classes: int, names: Sequence[Any] | None) -> list[Any]:
    """Of different labels, in their order, those that no column of the probabilities has.

    These are neither names nor places of columns; or of labels of which some are this and some are that, those that
    are no names. Without names, numbers that are no places, or labels beyond the number of columns.

    Examples
    --------
    >>> without_column(["cat", "cow", "dog"], 2, ["cat", "dog"]), without_column([0.0, 1.0, 7.0], 2, None)
    (['cow'], [7.0])
    """
    beyond = [label for label in labels if not _is_place(label, n_classes)]
    if names is None:
        numbers = all(isinstance(label, int | float) for label in labels)
        return [] if len(labels) == n_classes else beyond if numbers else list(labels[n_classes:])
    known = set(map(_spelled, names))
    others = [label for label in labels if _spelled(label) not in known]
    return [label for label in others if label in beyond] or (others if len(others) < len(labels) else [])


def no_such_class(label: Any, place: str, n_classes: int, names: Sequence[Any] | None) -> LabelsError:
    """The error for a label that no column has; `place` tells of its first row."""
    if names is None:
        return LabelsError(
            "labels",
            f"be whole numbers from 0 to {n_classes - 1}, or {n_classes} different names, one a column of probs",
            f"{label!r}{place}",
            "Say which column is which class, in the order of the columns (class_names).",
        )
    return LabelsError(
        "labels",
        "be among the class names",
        f"{label!r}{place}; the names are {', '.join(map(str, names[:8]))}",
        "Correct the label, or add a column with its probability.",
    )


def _unnamed(values: Values, n_classes: int, *, where: str | None) -> tuple[Values, npt.NDArray[np.int64]]:
    if _are_places(values, n_classes):
        if values.dtype.kind == "b":
            return np.array([False, True]), values.astype(np.int64)
        own = np.float64 if values.dtype.kind == "f" else np.int64
        return np.arange(n_classes, dtype=own), values.astype(np.int64, copy=False)
    present = _distinct(values)
    if len(present) != n_classes:
        shown = ", ".join(map(str, present[:8]))
        raise LabelsError(
            "labels",
            f"be whole numbers from 0 to {n_classes - 1}, or {n_classes} different names, one a column of probs",
            f"{len(present)} different labels: {shown}{_first_beyond(values, n_classes, where)}",
            "Say which column is which class, in the order of the columns (class_names).",
        )
    return _class_array(present), _codes(values, {value: place for place, value in enumerate(present)})


def _first_beyond(values: Values, n_classes: int, where: str | None) -> str:
    """The first number that is no place of a column, and its row."""
    if where is None or values.dtype.kind not in "iuf":
        return ""
    row = next(row for row, value in enumerate(values.tolist()) if not _is_place(value, n_classes))
    return f"; {values[row]} in row {row}{where} is the first that is no such number"


def _is_place(label: Any, n_classes: int) -> bool:
    if isinstance(label, bool):
        return n_classes == 2
    return isinstance(label, int | float) and 0 <= label < n_classes and label == int(label)


def _are_places(values: Values, n_classes: int) -> bool:
    if not len(values):
        return True  # an empty list has no type
    if values.dtype.kind == "b":
        return n_classes == 2
    if values.dtype.kind not in "iuf" or not (values.min() >= 0 and values.max() < n_classes):
        return False
    return values.dtype.kind in "iu" or bool((values == np.floor(values)).all())


def _distinct(values: Values) -> list[Any]:
    """The different labels, sorted; labels of several kinds by their text."""
    if values.dtype.kind != "O":
        return list(np.unique(values).tolist())
    try:
        return sorted(set(values.tolist()))
    except TypeError:
        return sorted(set(values.tolist()), key=str)


def _codes(values: Values, code: dict[Any, int]) -> npt.NDArray[np.int64]:
    return np.fromiter((code[value] for value in values.tolist()), np.int64, len(values))


def _class_array(classes: list[Any]) -> Values:
    return _as_array(classes)
