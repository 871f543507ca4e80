"""Labels and probabilities of `find_label_errors`, as arrays that are checked once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dechaff.api.labels.names import RowNames, check_one_order
from dechaff.checks import check_probs, check_probs_shape, check_same_length
from dechaff.data.classes import Values, column_values, encode_classes, is_path
from dechaff.data.columns.probs import from_half
from dechaff.data.formats.npy import LABEL_NAMES, npy_array
from dechaff.data.label_columns import ProbTable, prob_table, read_table
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.records.options import FileOptions
from dechaff.typing import Labels, Probs

LEAST_SINGLE_LOG = float(np.log(np.finfo(np.float32).tiny))
"""Smaller log-probabilities are 0 in single precision, or nearly so."""
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class LabelInputs:
    """Labels and probabilities of n rows, and the caller's names of classes and rows."""

    labels: Labels = field(repr=False)
    runs: tuple[Probs, ...] = field(repr=False)
    """Probabilities of each model; the caller's own arrays."""
    classes: Values
    """The classes in the caller's own values, in the order of the columns."""
    names: RowNames


def read_inputs(
    labels: Any,
    probs: Any,
    *,
    log_probs: Any,
    class_names: Sequence[Any] | None,
    ids: Any,
    files: FileOptions,
) -> LabelInputs:
    """Labels and probabilities from whatever holds them, checked."""
    tables = _tables(labels, probs, log_probs, ids, files)
    first = tables[0]
    values, beside = _labels_of(labels, first)
    names = first.names if class_names is None else list(class_names)
    file = next(one for one in (probs, log_probs, labels) if one is not None)
    if np.ndim(first.probs) != 2:
        check_probs_shape(first.probs)  # raises the error
    where = f" ({file})" if is_path(labels) and is_path(file) else ""
    classes, codes = encode_classes(values, first.probs.shape[1], names, where=where)
    runs = tuple(_checked_run(codes, one, place, len(tables)) for place, one in enumerate(_aligned(tables)))
    check_one_order(labels=beside, probs=first.native)
    frame = next((one for one in (beside, first.native) if one is not None), None)
    return LabelInputs(codes, runs, classes, _row_names(ids, first, frame, len(codes)))


def _row_names(ids: Any, table: ProbTable, frame: Any, n: int) -> RowNames:
    """By a list, a column of the table, a member of the file, or the index of the frame."""
    if isinstance(ids, str):
        if ids not in table.others:
            raise InputError(
                "ids",
                "be the names of the rows, or a column beside the probabilities",
                f"{ids!r}, and beside the probabilities {', '.join(table.others) or 'no other columns'}",
                "Pass one name per row, or leave ids out: rows are then named by their position.",
            )
        return RowNames.of(n, frame, ids=table.others[ids], name=ids)
    return RowNames.of(n, frame, ids=table.others.get("ids") if ids is None else ids)


def _checked_run(codes: Labels, table: ProbTable, place: int, tables: int) -> Probs:
    probs = check_probs(
        from_half(table.probs), name=f"probs[{place}]" if tables > 1 else "probs", where_of=table.where_of
    )
    check_same_length(labels=codes, probs=probs)
    return probs


def _tables(labels: Any, probs: Any, log_probs: Any, ids: Any, files: FileOptions) -> list[ProbTable]:
    given = [one for one in (probs, log_probs) if one is not None]
    if len(given) > 1 or (not given and not is_path(labels)):
        raise InputError(
            "probs",
            "be given once, as probs or as log_probs",
            "both" if given else "neither",
            "Pass out-of-sample probabilities (n, k), or the path of an npz that holds them beside the labels.",
        )
    source = given[0] if given else labels
    many = isinstance(source, list | tuple) and len(source) > 0 and (is_path(source[0]) or np.ndim(source[0]) == 2)
    first, *others = source if many else [source]
    in_file = is_path(labels) and str(labels) == str(first)
    beside = [name for name in (None if in_file else labels, ids) if isinstance(name, str)]
    table = prob_table(first, beside=beside, labelled=in_file, files=files)
    tables = [table, *(prob_table(one, like=table, files=files) for one in others)]
    if log_probs is None:
        return tables
    names = [f"log_probs[{place}]" if many else "log_probs" for place in range(len(tables))]
    return [replace(one, probs=probs_from_logs(one.probs, name=name)) for one, name in zip(tables, names, strict=True)]


def _labels_of(labels: Any, table: ProbTable) -> tuple[Values, Any]:
    """The values, and the caller's series or frame that they came in."""
    if is_path(labels):
        name = str(labels)
        if name in table.others:
            return table.others[name], None
        found = next((table.others[one] for one in LABEL_NAMES if one in table.others), None)
        if found is None:
            raise InputError(
                "labels", f"be in the file {name}, beside the probabilities",
                f"{', '.join(table.others) or 'no other columns'}",
                "Store them as labels in the npz, name the column that holds them, or pass them.",
            )  # fmt: skip
        return found, None
    if not isinstance(labels, Iterable):
        raise LabelsError("labels", "be a column of labels", type(labels).__name__, "Pass one label per row.")
    if isinstance(labels, np.ma.MaskedArray):
        return column_values(labels.tolist()), None  # what is masked becomes None, and is refused as missing
    beside = labels if type(labels).__module__.split(".")[0] in ("pandas", "polars", "pyarrow") else None
    return column_values(labels), beside


def _aligned(tables: list[ProbTable]) -> list[ProbTable]:
    """Frames of an ensemble with their columns in the order of the first."""
    first = tables[0]
    for place, one in enumerate(tables[1:], start=1):
        other = _not_alike(one, first)
        if other:
            raise ProbsError(
                f"probs[{place}]",
                f"have the {other} of the first, row by row",
                "other ones",
                "Put the files into one order of rows.",
            )
        if one.probs.shape != first.probs.shape or set(one.names or ()) != set(first.names or ()):
            raise ProbsError(
                f"probs[{place}]",
                f"have the rows and classes of the first, {first.probs.shape}",
                f"{one.probs.shape}" if one.probs.shape != first.probs.shape else f"the columns {one.names}",
                "Pass arrays of the same rows and classes.",
            )
    if first.names is None:
        return tables
    moved = [[list(one.names or ()).index(name) for name in first.names] for one in tables]
    return [
        one if order == sorted(order) else ProbTable(one.probs[:, order], first.names)
        for one, order in zip(tables, moved, strict=True)
    ]


def _not_alike(one: ProbTable, first: ProbTable) -> str:
    """The labels or ids that two models of an ensemble do not agree on; "" if there are none. An npz may hold more."""
    compared = one.others if one.native is not None else (*LABEL_NAMES, "ids")
    both = (name for name in compared if name in one.others and name in first.others)
    return next((name for name in both if not np.array_equal(one.others[name], first.others[name])), "")


def read_labels_file(path: Any, column: str | None, files: FileOptions = FileOptions()) -> Values:
    """The column of labels of a file; without a name, its only column."""
    if Path(path).suffix == ".npy":
        return npy_array(Path(path))
    table = read_table(Path(path), files=files)
    if column is None and table.width == 1:
        column = table.columns[0]
    if column is None or column not in table.columns:
        raise InputError(
            "the label column",
            f"be one of the columns of {path}",
            repr(column) if column else "no name",
            f"Pass --label COLUMN; the columns are {', '.join(table.columns[:8])}.",
        )
    return column_values(table[column])


def probs_from_logs(logs: Values, *, name: str = "log_probs") -> Values:
    """(n, k) probabilities of log-probabilities or logits, the rows summing to one.

    Single precision is kept if it holds every one of them; else they become double, which goes down to e**-700.
    """
    if logs.ndim != 2 or logs.shape[1] < 2 or logs.dtype.kind != "f":
        raise ProbsError(
            name,
            "be a float (n, k) array with one column per class, k >= 2",
            f"shape {logs.shape} of {logs.dtype}",
            "Pass log-probabilities or logits of every class.",
        )
    top = logs.max(axis=1)
    bad = np.flatnonzero(~np.isfinite(top))  # a NaN is the largest of its row
    if len(bad):
        row = logs[bad[0]]
        raise ProbsError(
            name,
            "be numbers, or -inf for a class that is impossible, with at least one class possible",
            f"{np.array2string(row[:6], precision=3, separator=', ')} in row {bad[0]} ({len(bad)} in all)",
            "Pass log-probabilities or logits of every class.",
        )
    probs = np.empty(logs.shape, dtype=np.float32 if _single_is_enough(logs, top) else np.float64)
    for start in range(0, len(logs), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        odds = np.exp(np.subtract(logs[rows], top[rows, None], dtype=probs.dtype))
        np.divide(odds, odds.sum(axis=1, keepdims=True), out=probs[rows])
    return probs


def _single_is_enough(logs: Values, top: Values) -> bool:
    if logs.dtype == np.float64 or not len(logs):
        return False
    least = np.min(logs, axis=1, where=logs > -np.inf, initial=np.inf)
    return bool((least.astype(np.float64) - top - np.log(logs.shape[1])).min() > LEAST_SINGLE_LOG)
