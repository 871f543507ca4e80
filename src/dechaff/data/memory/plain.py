"""Arrays, lists and dicts in memory: read as columns, given back as what they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import refuse_cells
from dechaff.data.memory.frames import Frame, with_values
from dechaff.errors import DataError
from dechaff.typing import Mask

WIDE = 100
"""Arrays of more numbers per row than this are features (an embedding, pixels), not columns to be read one by one."""


@dataclass(frozen=True)
class _Columns(Frame):
    """A dict of columns."""

    kind: str = "dict of columns"

    @property
    def names(self) -> list[str]:
        return list(map(str, self.native))

    def column(self, place: int) -> list[Any]:
        return plain_values(list(self.native.values())[place])

    def value(self, name: str, row: int) -> Any:
        return list(self.native.values())[self.names.index(name)][row]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        return {key: changed_column(one, keep, values if str(key) == name else {}) for key, one in self.native.items()}

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        key = next((one for one in self.native if str(one) == name), name)
        return {**self.native, key: list(values)}


@dataclass(frozen=True)
class _Records(Frame):
    """A list of dicts."""

    kind: str = "list of records"

    @property
    def names(self) -> list[str]:
        return [str(key) for key in self._keys]

    def column(self, place: int) -> list[Any]:
        return [record.get(self._keys[place]) for record in self.native]

    def value(self, name: str, row: int) -> Any:
        return self.native[row][self._key(name)]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        return type(self.native)(
            {**self.native[row], self._key(name): values[row]} if row in values else self.native[row]
            for row in np.flatnonzero(keep).tolist()
        )

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        key = self._key(name) if name in self.names else name
        return type(self.native)({**one, key: value} for one, value in zip(self.native, values, strict=True))

    @property
    def _keys(self) -> list[Any]:
        return list(dict.fromkeys(key for record in self.native for key in record))

    def _key(self, name: str) -> Any:
        return self._keys[self.names.index(name)]


@dataclass(frozen=True)
class Rows(Frame):
    """An array, or a list of texts or of rows; columns without names of their own are called text, or f0, f1 …"""

    array: npt.NDArray[Any] = field(kw_only=True)
    """The same rows as an array."""

    @property
    def names(self) -> list[str]:
        """Names of the columns; none if there are too many of them to be read one by one."""
        if self.array.dtype.names:
            return list(self.array.dtype.names)
        if self.is_text:
            return ["text"]
        return [] if self.flat.shape[1] > WIDE else [f"f{place}" for place in range(self.flat.shape[1])]

    @property
    def is_text(self) -> bool:
        """Whether each row is one text."""
        return self.array.ndim == 1 and self.array.dtype.kind in "OUS"

    @property
    def flat(self) -> npt.NDArray[Any]:
        """(n, d) the numbers of each row."""
        return self.array.reshape(len(self.array), -1)

    def column(self, place: int) -> list[Any]:
        """The cells of one column."""
        cells: list[Any] = self._column_of(self.array, place).tolist()
        return cells

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.column(self.names.index(name))[row]

    def with_cells(self, name: str, cells: Mapping[int, str]) -> Frame:
        """The same rows with the cells of some written."""
        return plain_frame(super().with_cells(name, cells).native)

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The rows that stay, with some cells of one column set."""
        rows, native = np.flatnonzero(keep), self.native
        if values:
            array, new = self.array.copy(), list(values.values())
            column = self._column_of(array, self.names.index(name))
            column[list(values)] = new
            if column[list(values)].tolist() != new:
                fix = "Choose one of the classes, or pass a data frame."
                raise DataError("the new labels", f"fit into an array of {column.dtype}", str(new[0]), fix)
            native = array if isinstance(native, np.ndarray) else type(native)(array.tolist())
        return native[rows] if isinstance(native, np.ndarray) else type(native)(native[row] for row in rows.tolist())

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        """A DataError: such rows have no place for a column of text."""
        fix = "Pass a data frame, or the labels beside the rows: (data, labels)."
        raise DataError(f"the {self.kind}", "have a column for the labels", "none that can be added", fix)

    def _column_of(self, array: npt.NDArray[Any], place: int) -> npt.NDArray[Any]:
        return array[self.names[place]] if array.dtype.names else array.reshape(len(array), -1)[:, place]


def changed_column(column: Any, keep: Mask, values: Mapping[int, Any]) -> Any:
    """A list, tuple or array with some cells set, and some left out."""
    cells = with_values(column, values)
    chosen = [cells[row] for row in np.flatnonzero(keep)]
    if isinstance(column, np.ndarray):
        return np.array(chosen, dtype=None if column.dtype.kind in "US" and chosen else column.dtype)  # texts may grow
    return type(column)(chosen) if isinstance(column, list | tuple) else chosen


def plain_values(column: Any) -> list[Any]:
    """The values of a column as Python values."""
    if isinstance(column, np.ndarray) and column.ndim > 1:
        return list(column)
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


def plain_frame(data: Any) -> Frame:
    """A numpy array, a list of texts, records or rows, or a dict of columns; a DataError for anything else."""
    if isinstance(data, np.ndarray):
        return _of_array(data, data, "numpy")
    if isinstance(data, Mapping):
        return _of_columns(data)
    if not len(data):
        raise DataError("The list is empty.", fix="Pass at least one row.")
    if all(isinstance(record, Mapping) for record in data):
        return _Records(data)
    if all(isinstance(record, str) or record is None for record in data):
        return Rows(data, "list of texts", array=np.array(data, dtype=object))
    if all(isinstance(record, list | tuple | np.ndarray) for record in data):
        return _of_array(data, _rectangle(data), "list of rows")
    raise DataError(
        "the list",
        "contain texts, records (dicts) or rows of numbers",
        f"items of type {', '.join(sorted({type(record).__name__ for record in data})[:4])}",
        "Pass a data frame, or a list of one kind.",
    )


def _of_array(data: Any, array: npt.NDArray[Any], kind: str) -> Frame:
    if array.ndim == 0 or not array.size:
        raise DataError(f"The array has no rows (shape {array.shape}).", fix="Pass at least one row.")
    return Rows(data, kind, array=array)


def _of_columns(data: Mapping[Any, Any]) -> Frame:
    lengths = {str(name): len(column) for name, column in data.items()}
    if not lengths or len(set(lengths.values())) > 1 or not next(iter(lengths.values())):
        raise DataError(
            "the dict of columns",
            "contain columns of one length, with at least one row",
            ", ".join(f"{name}: {length}" for name, length in list(lengths.items())[:6]) or "no column",
            "Make all columns equally long.",
        )
    return _Columns(data)


def _rectangle(rows: Sequence[Any]) -> npt.NDArray[Any]:
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        bad = next(place for place, length in enumerate(lengths) if length != lengths[0])
        raise DataError(
            "the list of rows",
            f"have {lengths[0]} values in each row, as in the first",
            f"{lengths[bad]} in row {bad}",
            "Fill in the missing values.",
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


def numeric_features(array: npt.NDArray[Any], what: str) -> npt.NDArray[np.float64]:
    """A numeric (n, d) array as float64; a DataError for anything else, or for a number that is not finite."""
    if array.dtype.kind not in "fiub":
        raise DataError(what, "contain numbers", f"an array of {array.dtype}", "Pass a numeric array.")
    flat: npt.NDArray[np.float64] = np.asarray(array.reshape(len(array), -1), dtype=np.float64)
    if not np.isfinite(flat.sum()):  # so that usually nothing of the size of the array is made
        fix = "Fill in the missing values, or leave out these rows."
        refuse_cells(~np.isfinite(flat), flat, what, "be finite", fix, DataError)
    return flat
