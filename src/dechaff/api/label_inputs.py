"""What people hand to `find_label_errors`, as arrays; and the way back to their own names, index and frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.checks import check_labels_and_probs
from dechaff.data.label_columns import (
    ProbTable,
    Values,
    column_values,
    encode_classes,
    is_path,
    prob_table,
    read_table,
)
from dechaff.data.prob_columns import from_half
from dechaff.errors import InputError, ProbsError
from dechaff.typing import Labels, Probs, Rows


@dataclass(frozen=True)
class LabelInputs:
    """Labels and probabilities of n rows, and how the caller calls classes and rows."""

    labels: Labels = field(repr=False)
    runs: tuple[Probs, ...] = field(repr=False)
    """Probabilities of each model; the caller's own arrays."""
    classes: Values
    """The classes in the caller's own values, in the order of the columns."""
    names: Values | None = field(repr=False)
    """The rows in the caller's own names; None = their positions."""
    name: str
    """What those names are called."""
    frame: Any = field(repr=False)
    """A frame or series of the caller, for its type and index."""

    def __len__(self) -> int:
        return len(self.labels)

    def named(self, rows: Rows) -> npt.NDArray[Any]:
        """The caller's names of these positions."""
        return rows if self.names is None else self.names[rows]

    def positions(self, names: Any) -> Rows:
        """The positions of rows that are called by the caller's names."""
        wanted = column_values(names)
        if self.names is None:
            return _checked_positions(wanted, len(self))
        place: dict[Any, int] = {str(name): position for position, name in enumerate(self.names.tolist())}
        place |= {name: position for position, name in enumerate(self.names.tolist())}
        found = [place.get(name, place.get(str(name), -1)) for name in wanted.tolist()]
        if -1 in found:
            first = found.index(-1)
            raise InputError(
                "the rows of the reviews",
                f"be called as in the {self.name} of the data",
                f"{wanted.tolist()[first]!r} in place {first}",
                f"Use names such as {', '.join(map(str, self.names[:3].tolist()))}.",
            )
        return np.array(found, dtype=np.int64)

    def codes(self, values: Values, *, none: bool = False) -> Labels:
        """Codes of classes that are called by the caller's names; with ``none``, missing ones are -1."""
        code: dict[Any, int] = {str(value): place for place, value in enumerate(self.classes.tolist())}
        code |= {value: place for place, value in enumerate(self.classes.tolist())}
        found = np.empty(len(values), dtype=np.int64)
        for place, value in enumerate(values.tolist()):
            found[place] = -1 if none and _is_none(value) else self._code(code, value, place)
        return found

    def _code(self, code: dict[Any, int], value: Any, place: int) -> int:
        known = code.get(value, code.get(str(value), -1))
        if known >= 0:
            return known
        raise InputError(
            "a reviewed label",
            "be one of the classes",
            f"{value!r} in place {place}; the classes are {', '.join(map(str, self.classes[:8].tolist()))}",
            "Use None for a row that belongs to none of them.",
        )

    def table(self, columns: dict[str, Any], rows: Rows) -> Any:
        """A table in the caller's type of frame; pandas carries the index, others a column of names."""
        kind = type(self.frame).__module__.split(".")[0]
        if kind == "pandas":
            frame = self.frame.to_frame() if type(self.frame).__name__ == "Series" else self.frame
            return type(frame)(columns, index=self.frame.index[rows])
        named = {self.name: _listed(self.named(rows)), **{name: _listed(column) for name, column in columns.items()}}
        table = pl.DataFrame(named, strict=False)
        return table.to_arrow() if kind == "pyarrow" else table


def _listed(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _is_none(value: Any) -> bool:
    return value is None or value != value or value == ""


def _checked_positions(wanted: Values, n: int) -> Rows:
    if wanted.dtype.kind == "O" and all(isinstance(one, int) for one in wanted.tolist()):
        wanted = wanted.astype(np.int64)
    good = len(wanted) == 0 or (wanted.dtype.kind in "iu" and bool(((wanted >= 0) & (wanted < n)).all()))
    if not good:
        raise InputError(
            "the rows of the reviews",
            f"be positions from 0 to {n - 1}",
            f"{wanted.tolist()[:5]}",
            "Count rows from 0, or hand in labels with an index, or ids.",
        )
    return wanted.astype(np.int64)


def read_inputs(
    labels: Any,
    probs: Any,
    *,
    log_probs: Any,
    class_names: Sequence[Any] | None,
    ids: Any,
) -> LabelInputs:
    """Labels and probabilities from whatever holds them, checked."""
    tables = _tables(labels, probs, log_probs, ids)
    first = tables[0]
    values, beside = _labels_of(labels, first)
    names = first.names if class_names is None else list(class_names)
    codes, classes = _encoded(values, first, names)
    runs = tuple(check_labels_and_probs(codes, from_half(one.probs))[1] for one in _aligned(tables))
    frame = next((one for one in (beside, first.native) if one is not None), None)
    row_names, name = _row_names(ids, first, frame)
    if row_names is not None:
        _check_names(row_names, len(codes))
    return LabelInputs(codes, runs, classes, row_names, name, frame)


def _tables(labels: Any, probs: Any, log_probs: Any, ids: Any) -> list[ProbTable]:
    given = [one for one in (probs, log_probs) if one is not None]
    if len(given) > 1 or (not given and not is_path(labels)):
        raise InputError(
            "probs",
            "be given once, as probs or as log_probs",
            "both" if given else "neither",
            "Hand in out-of-sample probabilities (n, k), or the path of an npz that holds them beside the labels.",
        )
    if log_probs is not None:
        return [ProbTable(_from_logs(log_probs))]
    source = labels if not given else probs
    beside = [name for name in (labels if given else None, ids) if isinstance(name, str)]
    many = isinstance(source, list | tuple) and len(source) > 0 and (is_path(source[0]) or np.ndim(source[0]) == 2)
    first, *others = source if many else [source]
    return [prob_table(first, beside=beside), *map(prob_table, others)]


def _from_logs(log_probs: Any) -> Values:
    logs = np.asarray(log_probs)
    if logs.ndim != 2 or logs.dtype.kind != "f":
        raise ProbsError(
            "log_probs",
            "be a float (n, k) array with one column a class",
            f"shape {logs.shape} of {logs.dtype}",
            "Hand in log-probabilities or logits of every class.",
        )
    probs = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(probs / probs.sum(axis=1, keepdims=True))


def _labels_of(labels: Any, table: ProbTable) -> tuple[Values, Any]:
    """The values, and the caller's series or frame that they came in."""
    if is_path(labels):
        name = str(labels)
        if name in table.others:
            return table.others[name], None
        found = next((table.others[one] for one in ("labels", "label", "y") if one in table.others), None)
        if found is None:
            raise InputError(
                "labels", "stand in the file of the probabilities", f"{', '.join(table.others) or 'no other columns'}",
                "Store them as labels in the npz, name the column that holds them, or hand them in.",
            )  # fmt: skip
        return found, None
    beside = labels if type(labels).__module__.split(".")[0] in ("pandas", "polars", "pyarrow") else None
    return column_values(labels), beside


def _encoded(values: Values, table: ProbTable, names: Sequence[Any] | None) -> tuple[Labels, Values]:
    if np.ndim(table.probs) != 2:
        check_labels_and_probs(np.zeros(0, dtype=np.int64), table.probs)  # says what probs must be
    classes, codes = encode_classes(values, table.probs.shape[1], names)
    return codes, classes


def _aligned(tables: list[ProbTable]) -> list[ProbTable]:
    """Frames of an ensemble with their columns in the order of the first."""
    first = tables[0]
    for place, one in enumerate(tables[1:], start=1):
        if one.probs.shape != first.probs.shape or set(one.names or ()) != set(first.names or ()):
            raise ProbsError(
                f"probs[{place}]",
                f"have the rows and classes of the first, {first.probs.shape}",
                f"{one.probs.shape}" if one.probs.shape != first.probs.shape else f"the columns {one.names}",
                "Hand in arrays of the same rows and classes.",
            )
    if first.names is None:
        return tables
    moved = [[list(one.names or ()).index(name) for name in first.names] for one in tables]
    return [
        one if order == sorted(order) else ProbTable(one.probs[:, order], first.names)
        for one, order in zip(tables, moved, strict=True)
    ]


def _row_names(ids: Any, table: ProbTable, frame: Any) -> tuple[Values | None, str]:
    """The caller's names of rows: ids that were handed in, a column, a member of the file, or a pandas index."""
    if isinstance(ids, str):
        return table.others[ids], ids
    if ids is not None:
        return column_values(ids), "id"
    if "ids" in table.others:
        return table.others["ids"], "id"
    index = getattr(frame, "index", None)
    if index is None or type(index).__name__ == "RangeIndex" or callable(index) or not index.is_unique:
        return None, "row"
    return column_values(index), "id" if index.name is None else str(index.name)


def _check_names(names: Values, n: int) -> None:
    distinct = len(set(names.tolist()))
    if len(names) != n or distinct != n:
        raise InputError(
            "ids",
            f"name each of the {n} rows once",
            f"{len(names)} ids, {distinct} of them distinct",
            "Leave them out: rows are then called by their position.",
        )


def read_labels_file(path: Any, column: str | None) -> Values:
    """The column of labels of a file; without a name, its only column."""
    table = read_table(path)
    if column is None and table.width == 1:
        column = table.columns[0]
    if column is None or column not in table.columns:
        raise InputError(
            "the label column",
            f"be one of the columns of {path}",
            repr(column) if column else "no name",
            f"Say --label COLUMN; the columns are {', '.join(table.columns[:8])}.",
        )
    return column_values(table[column])
