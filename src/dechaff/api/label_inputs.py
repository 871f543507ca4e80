"""What people hand to `find_label_errors`, as arrays; and the way back to their own names, index and frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.label_log_probs import from_log_table
from dechaff.api.label_row_names import check_one_order, positions_of, row_names, spellings
from dechaff.checks import check_labels_and_probs, check_probs, check_same_length
from dechaff.data.classes import Values, encode_classes
from dechaff.data.label_columns import (
    ProbTable,
    column_values,
    is_path,
    prob_table,
    read_npy,
    read_table,
)
from dechaff.data.prob_columns import from_half
from dechaff.errors import InputError, LabelsError, ProbsError
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
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise InputError("rows", "be a list of names of rows", repr(names), f"Write [{names!r}], or take worst(n).")
        return positions_of(column_values(names), self.names, self.name, len(self))

    def codes(self, values: Values, *, none: bool = False) -> Labels:
        """Codes of classes that are called by the caller's names; with ``none``, missing ones are -1."""
        code: dict[Any, int] = {str(value): place for place, value in enumerate(self.classes.tolist())}
        code |= {value: place for place, value in enumerate(self.classes.tolist())}
        found = np.empty(len(values), dtype=np.int64)
        for place, value in enumerate(values.tolist()):
            found[place] = -1 if none and _is_none(value) else self._code(code, value, place)
        return found

    def _code(self, code: dict[Any, int], value: Any, place: int) -> int:
        known = next((code[one] for one in spellings(value) if one in code), -1)
        if known >= 0:
            return known
        raise InputError(
            "a reviewed label",
            "be one of the classes",
            f"{value!r} in place {place}; the classes are {', '.join(map(str, self.classes[:8].tolist()))}",
            "Use None for a row that belongs to none of them.",
        )

    @property
    def _index_names_rows(self) -> bool:
        """Whether the pandas index calls the rows what `named` calls them."""
        names = np.arange(len(self)) if self.names is None else self.names
        return bool(np.array_equal(column_values(self.frame.index), names))

    def table(self, columns: dict[str, Any], rows: Rows) -> Any:
        """A table in the caller's type of frame; pandas carries the index, others a column of names."""
        kind = type(self.frame).__module__.split(".")[0]
        if kind == "pandas":
            frame = self.frame.to_frame() if type(self.frame).__name__ == "Series" else self.frame
            index = self.frame.index[rows]
            called = {} if self._index_names_rows else {self.name: self.named(rows)}
            return type(frame)({**called, **columns}, index=index)
        named = {self.name: _listed(self.named(rows)), **{name: _listed(column) for name, column in columns.items()}}
        table = pl.DataFrame(named, strict=False)
        return table.to_arrow() if kind == "pyarrow" else table


def _listed(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _is_none(value: Any) -> bool:
    return value is None or value != value or value == ""


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
    file = next(one for one in (probs, log_probs, labels) if one is not None)
    codes, classes = _encoded(values, first, names, f" ({file})" if is_path(labels) and is_path(file) else "")
    runs = tuple(_checked_run(codes, one, place, len(tables)) for place, one in enumerate(_aligned(tables)))
    check_one_order(labels=beside, probs=first.native)
    frame = next((one for one in (beside, first.native) if one is not None), None)
    names_of_rows, name = row_names(ids, first, frame, len(codes))
    return LabelInputs(codes, runs, classes, names_of_rows, name, frame)


def _checked_run(codes: Labels, table: ProbTable, place: int, tables: int) -> Probs:
    probs = check_probs(from_half(table.probs), name=f"probs[{place}]" if tables > 1 else "probs")
    check_same_length(labels=codes, probs=probs)
    return probs


def _tables(labels: Any, probs: Any, log_probs: Any, ids: Any) -> list[ProbTable]:
    given = [one for one in (probs, log_probs) if one is not None]
    if len(given) > 1 or (not given and not is_path(labels)):
        raise InputError(
            "probs",
            "be given once, as probs or as log_probs",
            "both" if given else "neither",
            "Hand in out-of-sample probabilities (n, k), or the path of an npz that holds them beside the labels.",
        )
    source = given[0] if given else labels
    beside = [name for name in (labels if given else None, ids) if isinstance(name, str)]
    many = isinstance(source, list | tuple) and len(source) > 0 and (is_path(source[0]) or np.ndim(source[0]) == 2)
    first, *others = source if many else [source]
    tables = [prob_table(first, beside=beside), *map(prob_table, others)]
    if log_probs is None:
        return tables
    names = [f"log_probs[{place}]" if many else "log_probs" for place in range(len(tables))]
    return [from_log_table(one, name=name) for one, name in zip(tables, names, strict=True)]


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
    if not isinstance(labels, Iterable):
        raise LabelsError("labels", "be a column of labels", type(labels).__name__, "Hand in one label a row.")
    if isinstance(labels, np.ma.MaskedArray):
        return column_values(labels.tolist()), None  # what is masked becomes None, and is refused as missing
    beside = labels if type(labels).__module__.split(".")[0] in ("pandas", "polars", "pyarrow") else None
    return column_values(labels), beside


def _encoded(values: Values, table: ProbTable, names: Sequence[Any] | None, where: str) -> tuple[Labels, Values]:
    if np.ndim(table.probs) != 2:
        check_labels_and_probs(np.zeros(0, dtype=np.int64), table.probs)  # says what probs must be
    classes, codes = encode_classes(values, table.probs.shape[1], names, where=where)
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


def read_labels_file(path: Any, column: str | None) -> Values:
    """The column of labels of a file; without a name, its only column."""
    if Path(path).suffix == ".npy":
        return read_npy(Path(path))
    table = read_table(Path(path))
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
