"""Labels, probabilities, row numbers and ids of the rows of one part, ready for the methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.checks import rows_are_fine
from dechaff.core.kernels.row_classes import all_fine
from dechaff.core.source import CHUNK_BYTES
from dechaff.data.columns.probs import as_floats
from dechaff.data.formats.npy import ArraysPart
from dechaff.data.formats.part import FilePart
from dechaff.data.streams.label_codes import LabelCodes, WhereOf, distinct
from dechaff.errors import ProbsError
from dechaff.typing import Chunk

_Frame = Mapping[str, Any]
"""Columns of some rows: series, or the probabilities of all classes as one array."""
_FEWEST_ROWS = 32
_COLUMNS_BYTES = 2**22
"""Bytes a chunk whose probabilities lie by column: few calls of what reads them once, as it needs no cache."""


@dataclass(frozen=True)
class LabelColumns:
    """Which columns of a table are what."""

    label: str
    probs: tuple[str, ...]
    """One column per class, or one column of lists."""
    n_classes: int
    dtype: np.dtype[Any]
    """Precision of the probabilities."""
    id: str | None = None

    @property
    def in_lists(self) -> bool:
        """Whether one column holds the probabilities of all classes."""
        return len(self.probs) == 1


@dataclass(frozen=True)
class LabelPart:
    """The part of a table with its columns known, and the codes of the labels once they are."""

    table: FilePart | ArraysPart
    roles: LabelColumns
    codes: LabelCodes | None = field(default=None, repr=False)
    checked: bool = False
    """Whether each row is looked at for being a distribution: once, in the first pass over the probabilities."""
    by_column: bool = False
    """Whether the probabilities of a class lie together, as in most files: a copy in rows takes ten times as long."""

    @property
    def first_row(self) -> int:
        """The number of its first row."""
        return self.table.first_row

    @property
    def n_rows(self) -> int:
        """The number of its rows."""
        return self.table.n_rows

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """``labels``, ``probs``, ``row`` and ``ids`` of some rows.

        ``given`` are the labels as they are, and ``label_values`` the different ones.
        """
        of = {"probs": self.roles.probs, "ids": (self.roles.id or "",), "row": ()}
        of |= dict.fromkeys(("labels", "given", "label_values"), (self.roles.label,))
        named = list(dict.fromkeys(name for column in columns for name in of[column])) or [self.roles.label]
        row, seen = self.first_row, False
        for frame in self.table.frames(named):
            seen, some = True, {name: frame[name] for name in named}
            yield from self._cut(some, columns, row, chunk_bytes)
            row += len(some[named[0]])
        if not seen:
            yield from self._cut(self._nothing(named), columns, row, chunk_bytes)

    def _cut(self, frame: _Frame, columns: Sequence[str], row: int, chunk_bytes: int) -> Iterator[Chunk]:
        n_rows = len(next(iter(frame.values())))
        whole = {name: self._whole(name, frame, row, n_rows) for name in columns if name != "probs"}
        if "label_values" in columns:
            yield whole
            return
        probs = _Probs.of(frame, self.roles, self.table.where_of, row) if "probs" in columns else None
        step = (
            max(1, n_rows) if probs is not None and probs.read_in_rows else self._step(len(whole), chunk_bytes, probs)
        )
        for start in range(0, max(1, n_rows), step):
            rows = slice(start, min(start + step, n_rows))
            chunk = {name: values[rows] for name, values in whole.items()}
            if probs is not None:
                chunk["probs"] = probs.rows(rows, by_column=self.by_column)
                if self.checked:
                    check_rows_of(chunk["probs"], self.table.where_of, row + start)
            yield chunk

    def _step(self, n_columns: int, chunk_bytes: int, probs: _Probs | None) -> int:
        a_row = 8 * n_columns + (self.roles.n_classes * self.roles.dtype.itemsize if probs is not None else 0)
        by_column = self.by_column and not self.roles.in_lists
        return max(_FEWEST_ROWS, max(chunk_bytes, _COLUMNS_BYTES if by_column else 0) // a_row)

    def _whole(self, name: str, frame: _Frame, row: int, n_rows: int) -> Any:
        if name == "row":
            return np.arange(row, row + n_rows, dtype=np.int64)
        if name == "ids":
            return frame[self.roles.id or ""].to_numpy()
        labels = frame[self.roles.label]
        if name == "given":
            return labels
        if name == "label_values":
            return distinct(labels)
        assert self.codes is not None  # labels are read after the classes
        return self.codes.codes(labels, self.table.where_of, row)

    def _nothing(self, named: list[str]) -> _Frame:
        probs: Any = pl.List(pl.Float64) if self.roles.in_lists else pl.Float64
        kinds = {name: probs if name in self.roles.probs else pl.Int64 for name in named}
        return {name: pl.Series(name, dtype=kind) for name, kind in kinds.items()}


@dataclass(frozen=True)
class _Probs:
    """The probabilities of a frame: columns that are put side by side, or lists that lie so already."""

    columns: list[npt.NDArray[Any]]
    table: npt.NDArray[Any] | None
    dtype: np.dtype[Any]
    read_in_rows: bool = False
    """Whether they were read a chunk at a time."""

    @classmethod
    def of(cls, frame: _Frame, roles: LabelColumns, where: WhereOf, row: int) -> _Probs:
        if isinstance(frame[roles.probs[0]], np.ndarray):
            return cls([], frame[roles.probs[0]], roles.dtype, read_in_rows=True)
        if roles.in_lists:
            return cls([], _listed(frame[roles.probs[0]], roles.n_classes, where, row), roles.dtype)
        return cls([frame[name].to_numpy() for name in roles.probs], None, roles.dtype)

    def rows(self, rows: slice, *, by_column: bool) -> npt.NDArray[Any]:
        if self.table is not None:
            block = self.table[rows].astype(self.dtype, copy=False)
        else:
            shape = (rows.stop - rows.start, len(self.columns))
            block = np.empty(shape, dtype=self.dtype, order="F" if by_column else "C")
            for place, column in enumerate(self.columns):
                block[:, place] = column[rows]
        return as_floats(block)


def _listed(column: pl.Series, k: int, where: WhereOf, row: int) -> npt.NDArray[Any]:
    lists = column.arr.to_list() if isinstance(column.dtype, pl.Array) else column
    lengths = lists.list.len().fill_null(0).to_numpy()
    bad = np.flatnonzero(lengths != k)
    if len(bad):
        raise ProbsError(
            f"the column {column.name!r}",
            f"contain a list of {k} probabilities in every row",
            f"{lengths[bad[0]]} in row {row + bad[0]} ({where(row + int(bad[0]))})",
            "Give every row the probability of each class.",
        )
    return lists.explode().to_numpy().reshape(-1, k) if len(lists) else np.empty((0, k))


def check_rows_of(probs: npt.NDArray[Any], where: WhereOf, row: int) -> None:
    """A ProbsError that names the first row that is no distribution, and its file."""
    if all_fine(probs):
        return
    fine = rows_are_fine(probs)
    bad = int(np.flatnonzero(~fine)[0])
    shown = np.array2string(probs[bad][:6], precision=3, separator=", ")
    raise ProbsError(
        "probs",
        "be finite, at least 0, and sum to 1 in every row",
        f"{shown} in row {row + bad} ({where(row + bad)})",
        "Pass out-of-sample probabilities, one row per example, normalised over the classes.",
    )
