"""The caller's names of rows, tokens and cells; and results in the caller's own type, with its index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.checks import refuse_cells
from dechaff.data.classes import Values, column_values, missing_labels
from dechaff.errors import InputError
from dechaff.typing import Columns, Mask, Rows


class Names(ABC):
    """Names of n items, and the way back from a name to its position."""

    @property
    @abstractmethod
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that name an item."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def named(self, positions: Rows) -> npt.NDArray[Any]:
        """The caller's names of these positions."""

    @abstractmethod
    def find(self, names: Values) -> Rows:
        """The positions of items by their names, or an InputError."""

    @abstractmethod
    def table(self, columns: Columns, positions: Rows) -> Any:
        """A table of these items in the caller's type of frame, with their names."""

    def positions(self, names: Any) -> Rows:
        """The positions of a list of names, or an InputError."""
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise InputError("rows", "be a list of names of rows", repr(names), f"Write [{names!r}], or take worst(n).")
        return self.find(column_values(names))


@dataclass(frozen=True)
class RowNames(Names):
    """Names of n rows: ids, the index of a pandas frame, or else their positions."""

    n: int
    names: Values | None = field(default=None, repr=False)
    """None = positions."""
    name: str = "row"
    """Name of the column of names."""
    frame: Any = field(default=None, repr=False)
    """A frame or series of the caller, for its type and index."""

    @classmethod
    def of(cls, n: int, *frames: Any, ids: Any = None, name: str = "id") -> RowNames:
        """By `ids`, else by the index of the first of the caller's frames, unless it repeats or counts from 0.

        A frame of pandas, which has an index, is preferred.
        """
        given = [one for one in frames if one is not None]
        frame = next((one for one in given if hasattr(one, "iloc")), given[0] if given else None)
        if ids is None:
            index = index_of(frame)
            counts = type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1
            if index is None or not index.is_unique or counts:
                return cls(n, None, "row", frame)
            return cls(n, column_values(index), "id" if index.name is None else str(index.name), frame)
        names = column_values(ids)
        refuse_cells(missing_labels(names), names, "ids", "name each row", "Leave them out, or give each row one.")
        distinct = len(set(names.tolist()))
        if len(names) != n or distinct != n:
            found = f"{len(names)} ids, {distinct} of them distinct"
            fix = "Leave them out: rows are then named by their position."
            raise InputError("ids", f"name each of the {n} rows once", found, fix)
        return cls(n, names, name, frame)

    @property
    def keys(self) -> tuple[str, ...]:
        """One column."""
        return (self.name,)

    def __len__(self) -> int:
        return self.n

    def named(self, positions: Rows) -> npt.NDArray[Any]:
        """The caller's names of these rows."""
        return positions if self.names is None else self.names[positions]

    def find(self, names: Values) -> Rows:
        """The positions of rows by name."""
        if self.names is None:
            return _checked_positions(names, self.n)
        known = self.names.tolist()
        found = places_of(names.tolist(), known)
        must, fix = (
            f"have names from the {self.name} of the data",
            f"Use names such as {', '.join(map(str, known[:3]))}.",
        )
        _refuse_names(found < 0, names, must, fix)
        return found

    def like_callers(self, values: npt.NDArray[Any], *, columns: Sequence[Any] | None = None) -> Any:
        """An array (n,) or (n, k) as a pandas series or frame with the caller's index; as it is without pandas.

        Columns are those of the caller's frame; a series has none of its own, and takes `columns`.
        """
        given = self.frame
        if not hasattr(given, "iloc"):
            return values
        is_series = len(given.shape) == 1
        if values.ndim == 2:
            frame = given.to_frame() if is_series else given
            return type(frame)(values, index=given.index, columns=columns if is_series else given.columns)
        series = given if is_series else given.iloc[:, 0]
        return type(series)(values, index=given.index)

    def table(self, columns: Columns, positions: Rows) -> Any:
        """pandas carries the index, other frames a first column of names."""
        if hasattr(self.frame, "iloc"):
            known = np.arange(self.n) if self.names is None else self.names
            named = bool(np.array_equal(column_values(self.frame.index), known))
            called = {} if named else {self.name: self.named(positions)}
            return _pandas(self.frame)({**called, **columns}, index=self.frame.index[positions])
        return _like_frame(self.frame, {self.name: self.named(positions), **columns})


@dataclass(frozen=True)
class ItemNames(RowNames):
    """Names of n items that are not the rows of the caller's frame: it decides the type of tables alone."""

    def like_callers(self, values: npt.NDArray[Any], *, columns: Sequence[Any] | None = None) -> Any:
        """The array."""
        return values

    def table(self, columns: Columns, positions: Rows) -> Any:
        """A first column has the names."""
        return _like_frame(self.frame, {self.name: self.named(positions), **columns})


@dataclass(frozen=True)
class PairNames(Names):
    """Names of items that are several to a row: its tokens, or its classes. A name is a pair (row, token or class)."""

    rows: RowNames
    lengths: npt.NDArray[np.int64] = field(repr=False)
    """(rows,) items of each row."""
    key: str
    """What the second part of a name is called."""
    seconds: tuple[Any, ...] | None = None
    """Names of the items of every row; None = numbers from 0."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Two columns."""
        return (self.rows.name, self.key)

    def __len__(self) -> int:
        return int(self.lengths.sum())

    def parts(self, positions: Rows) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Row and token, or row and class, of these items."""
        ends = np.cumsum(self.lengths)
        row = np.searchsorted(ends, positions, side="right")
        place = positions - (ends - self.lengths)[row]
        seconds = place if self.seconds is None else np.array(self.seconds, dtype=object)[place]
        return self.rows.named(row), seconds

    def named(self, positions: Rows) -> npt.NDArray[Any]:
        """Pairs, as an array of tuples."""
        pairs = np.empty(len(positions), dtype=object)
        pairs[:] = list(zip(*(part.tolist() for part in self.parts(positions)), strict=True))
        return pairs

    def find(self, names: Values) -> Rows:
        """The positions of items by their pairs."""
        pairs = names.tolist()
        bad = next((pair for pair in pairs if not isinstance(pair, tuple | list) or len(pair) != 2), None)
        if bad is not None:
            raise InputError(
                "rows",
                f"be pairs ({self.rows.name}, {self.key})",
                repr(bad),
                "Use the names that next_to_review(n) returns.",
            )
        row = self.rows.find(column_values([pair[0] for pair in pairs]))
        place = np.array([self._place(pair[1], int(at)) for pair, at in zip(pairs, row, strict=True)], dtype=np.int64)
        return (np.cumsum(self.lengths) - self.lengths)[row] + place

    def _place(self, second: Any, row: int) -> int:
        """The position of an item within its row, or an InputError."""
        length = int(self.lengths[row])
        (found,) = places_of([second], range(length) if self.seconds is None else self.seconds)
        if found < 0:
            fix = "Use the names that next_to_review(n) returns."
            raise InputError(f"the {self.key} of a review", f"be one of the {length} of its row", repr(second), fix)
        return int(found)

    def table(self, columns: Columns, positions: Rows) -> Any:
        """Two first columns name the items."""
        first, second = self.parts(positions)
        return _like_frame(self.rows.frame, {self.rows.name: first, self.key: second, **columns})


def _pandas(frame: Any) -> Any:
    """The class of data frames of a frame or series."""
    return type(frame.to_frame() if len(frame.shape) == 1 else frame)


def _like_frame(frame: Any, columns: Columns) -> Any:
    """Columns as a frame of the caller's kind; polars where the caller has none."""
    if hasattr(frame, "iloc"):
        return _pandas(frame)(columns)
    listed = {key: column.tolist() if isinstance(column, np.ndarray) else column for key, column in columns.items()}
    table = pl.DataFrame(listed, strict=False)
    return table.to_arrow() if type(frame).__module__.split(".")[0] == "pyarrow" else table


def index_of(frame: Any) -> Any:
    """The pandas index of a frame or series; None without one."""
    return frame.index if hasattr(frame, "iloc") else None


def check_one_order(**columns: Any) -> None:
    """An InputError if two arguments, by their own names, are pandas and have the same rows in another order.

    A RangeIndex is what pandas makes up if rows are not named, and is not compared.
    """
    (name, first), (other_name, second) = columns.items()
    one, other = index_of(first), index_of(second)
    if one is None or other is None or "RangeIndex" in (type(one).__name__, type(other).__name__):
        return
    if len(one) == len(other) and not one.equals(other) and one.sort_values().equals(other.sort_values()):
        place = int(np.flatnonzero(np.asarray(one != other))[0])
        raise InputError(
            f"{name} and {other_name}",
            "have the same rows in the same order",
            f"{one[place]!r} and {other[place]!r} in row {place} of their index",
            f"Pass {name}.loc[{other_name}.index].",
        )


def places_of(values: Iterable[Any], known: Iterable[Any]) -> Rows:
    """The place of each value among the known ones, by value or as text; -1 if it is not there."""
    place: dict[Any, int] = {str(one): at for at, one in enumerate(known)}
    place |= {one: at for at, one in enumerate(known)}
    spelled = (next((place[one] for one in _spellings(value) if one in place), -1) for value in values)
    return np.fromiter(spelled, np.int64)


def _spellings(value: Any) -> list[Any]:
    """A name as it is, as text, and without the ``.0`` that a column with gaps gives to whole numbers."""
    plain = [value] if isinstance(value, Hashable) else []
    whole = [str(int(value))] if isinstance(value, float) and value.is_integer() else []
    return [*plain, str(value), *whole]


def _checked_positions(wanted: Values, n: int) -> Rows:
    if wanted.dtype.kind == "O" and all(type(one) is int for one in wanted.tolist()):
        wanted = wanted.astype(np.int64)
    if wanted.dtype.kind == "f" and bool(np.isfinite(wanted).all()) and bool((wanted == np.floor(wanted)).all()):
        wanted = wanted.astype(np.int64)
    good = len(wanted) == 0 or wanted.dtype.kind in "iu"
    bad = (wanted < 0) | (wanted >= n) if good else np.ones(len(wanted), dtype=bool)
    must = f"be positions from 0 to {n - 1}" if n else "be rows of the data, which are empty"
    _refuse_names(bad, wanted, must, "Count rows from 0, or pass labels with an index, or ids.")
    return wanted.astype(np.int64)


def _refuse_names(bad: Mask, names: Values, must: str, fix: str) -> None:
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise InputError("rows", must, f"{names.tolist()[place]!r} in place {place}", fix)
