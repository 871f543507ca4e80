"""Data frames of any library: read column by column, given back as the caller's own type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.source import like
from dechaff.errors import DataError
from dechaff.typing import Mask

_NO_PYTHON_VALUE = (OverflowError, ValueError, pl.exceptions.PanicException)
"""What is raised for a date that Python has not."""


@dataclass(frozen=True)
class Frame(ABC):
    """A table in memory: the few things that reading and writing back need."""

    native: Any
    """The caller's own object."""
    kind: str = ""
    """The name of its library or type."""

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """Names of the columns."""

    @abstractmethod
    def column(self, place: int) -> list[Any]:
        """The cells of one column as Python values."""

    @abstractmethod
    def value(self, name: str, row: int) -> Any:
        """One cell as the frame holds it."""

    @abstractmethod
    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """A new frame of the same type: some rows, and some cells of one column set; this one stays as it is."""

    @abstractmethod
    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        """A new table of the same type with a column of text, in the place of that of this name or else at the end."""

    def with_cells(self, name: str, cells: Mapping[int, str]) -> Frame:
        """The same table with the cells of some rows written, in the type of their column; '' is a missing one.

        Raises
        ------
        DataError
            If a text is no value of this type.
        """
        known = (value for value in self.column(self.names.index(name)) if value is not None)
        example = next(known, "")
        typed = {row: like(example, text, f"the new cell of {name!r}") if text else None for row, text in cells.items()}
        native = self.changed(np.ones(len(self.column(0)), dtype=bool), name, typed)
        return wrapped(native) or replace(self, native=native)

    def is_category(self, place: int) -> bool:
        """Whether the type of a column makes it a category."""
        return False

    def index(self) -> tuple[list[str], str] | None:
        """The rows' own names and what they are called, if the frame has them."""
        return None

    def cells(self) -> tuple[Cells, ...]:
        """Every column."""
        return tuple(
            cells_from_values(name, self._python_values(place, name), category=self.is_category(place))
            for place, name in enumerate(self.names)
        )

    def _python_values(self, place: int, name: str) -> list[Any]:
        try:
            return self.column(place)
        except _NO_PYTHON_VALUE as error:
            raise DataError(
                f"the column {name!r}",
                "hold dates from the year 1 to 9999",
                f"one that is not{self._first_bad(name)} ({error})",
                "Correct these dates, leave out the column, or store it as text.",
            ) from error

    def _first_bad(self, name: str) -> str:
        """The row of the first cell that is no value of Python's."""
        row = 0
        try:
            while True:
                self.value(name, row)
                row += 1
        except IndexError:
            return ""
        except _NO_PYTHON_VALUE:
            return f" in row {row}"


@dataclass(frozen=True)
class _PandasFrame(Frame):
    """Columns are addressed by place: their names may be numbers or tuples."""

    kind: str = "pandas"
    of_series: Any = None
    """The series that the one column of the frame is, if the caller passed a series."""

    @property
    def names(self) -> list[str]:
        return list(map(str, self.native.columns))

    def column(self, place: int) -> list[Any]:
        cells: list[Any] = self.native.iloc[:, place].tolist()
        return cells

    def is_category(self, place: int) -> bool:
        return type(self.native.dtypes.iloc[place]).__name__ == "CategoricalDtype"

    def index(self) -> tuple[list[str], str] | None:
        """The index, if it is unique and more than a count of the rows."""
        index = self.native.index
        if type(index).__name__ == "RangeIndex" or not index.is_unique:
            return None
        names = [" / ".join(map(str, entry)) if isinstance(entry, tuple) else str(entry) for entry in index.tolist()]
        called = " / ".join(str(name) for name in index.names if name is not None) or "index"
        return names, called

    def value(self, name: str, row: int) -> Any:
        return self.native.iloc[row, self.names.index(name)]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        frame = self.native.copy()
        if values:
            place = self.names.index(name)
            column = frame.iloc[:, place].copy()
            if type(column.dtype).__name__ == "CategoricalDtype":
                known = column.cat.categories
                new = sorted({value for value in values.values() if value not in known})
                column = column.cat.add_categories(new) if new else column
            column.iloc[list(values)] = list(values.values())
            frame.isetitem(place, column)
        frame = frame if np.all(keep) else frame.iloc[np.flatnonzero(keep)]
        return frame if self.of_series is None else frame.iloc[:, 0].rename(self.of_series.name)

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        column = np.array([*values, None], dtype=object)[:-1]
        if name not in self.names:
            return self.native.assign(**{name: column})
        frame = self.native.copy()
        frame.isetitem(self.names.index(name), column)
        return frame


@dataclass(frozen=True)
class PolarsFrame(Frame):
    """A polars data frame."""

    kind: str = "polars"
    of_series: Any = None
    """The series that the one column of the frame is, if the caller passed a series."""

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.native.columns)

    def column(self, place: int) -> list[Any]:
        """The cells of one column."""
        cells: list[Any] = self.native.to_series(place).to_list()
        return cells

    def is_category(self, place: int) -> bool:
        """Whether it is Categorical or an Enum."""
        return self.native.dtypes[place] in (pl.Categorical, pl.Enum)

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.native[name][row]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The frame with some cells of one column set, and some rows left out."""
        frame: pl.DataFrame = self.native
        if values:
            column = frame[name]
            dtype = _widened(column.dtype, values.values())
            frame = frame.with_columns(pl.Series(name, with_values(column, values), dtype=dtype))
        frame = frame if np.all(keep) else frame.filter(pl.Series(keep))
        return frame if self.of_series is None else frame.to_series().rename(self.of_series.name)

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        """The frame with a column of text."""
        return self.native.with_columns(pl.Series(name, list(values), dtype=pl.String))


def _widened(dtype: pl.DataType, values: Any) -> pl.DataType:
    """An Enum takes a class that only the test rows had at its end; every other type stays."""
    if isinstance(dtype, pl.Enum):
        known = dtype.categories.to_list()
        new = sorted({value for value in values if value not in known})
        return pl.Enum([*known, *new]) if new else dtype
    return dtype


def with_values(column: Any, values: Mapping[int, Any]) -> list[Any]:
    """The cells of a column, some of them set.

    Examples
    --------
    >>> with_values(("a", "b"), {0: "c"})
    ['c', 'b']
    """
    cells = list(column)
    for row, value in values.items():
        cells[row] = value
    return cells


@dataclass(frozen=True)
class ArrowFrame(Frame):
    """A pyarrow table or record batch; schema and metadata stay as they are."""

    kind: str = "pyarrow"

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.native.schema.names)

    def column(self, place: int) -> list[Any]:
        """The cells of one column; times to the microsecond, which is all that Python's have."""
        import pyarrow as pa

        column = self.native.column(place)
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        elif pa.types.is_time(column.type) or pa.types.is_duration(column.type):
            column = column.cast(pa.string()) if pa.types.is_time(column.type) else column.cast(pa.int64())
        values: list[Any] = column.to_pylist()
        return values

    def is_category(self, place: int) -> bool:
        """Whether it is a dictionary."""
        return str(self.native.schema.types[place]).startswith("dictionary")

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.native.column(name)[row].as_py()

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The table with some cells of one column set, and some rows left out."""
        import pyarrow as pa

        table = self.native
        if values:
            place = self.names.index(name)
            old = table.schema.field(place)
            cells = with_values(table.column(place).to_pylist(), values)
            table = table.set_column(place, old, _typed(pa, cells, old.type))
        return table if np.all(keep) else _kept(pa, table, np.asarray(keep, dtype=bool))

    def labelled(self, name: str, values: Sequence[str | None]) -> Any:
        """The table with a column of text."""
        import pyarrow as pa

        table = pa.table(self.native) if isinstance(self.native, pa.RecordBatch) else self.native
        column = pa.array(values, type=pa.string())
        if name not in self.names:
            return table.append_column(name, column)
        return table.set_column(self.names.index(name), name, column)


def _kept(pa: Any, table: Any, keep: Mask) -> Any:
    """Some rows of a table. By their runs: pyarrow's own filter knows no views of text, which polars writes."""
    starts = np.flatnonzero(np.diff(keep, prepend=False, append=False)).reshape(-1, 2)
    return pa.concat_tables([table.slice(0, 0), *(table.slice(a, b - a) for a, b in starts.tolist())]).combine_chunks()


def _typed(pa: Any, cells: list[Any], kind: Any) -> Any:
    """The cells as the column's own type; a dictionary is encoded anew, from values that it may lack."""
    if not pa.types.is_dictionary(kind):
        return pa.array(cells, type=kind)
    plain = pa.array(cells, type=kind.value_type)
    return plain.dictionary_encode().cast(kind)


def arrow_modules() -> tuple[Any, Any]:
    """``pyarrow`` and ``pyarrow.parquet``, for files that are read in pieces; ImportError if they are absent."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pa, pq


def wrapped(source: object) -> Frame | None:
    """A data frame of any library, or what exports Arrow data; None for anything else.

    Recognised by the module of the type, so that no library is imported that the caller does not use.
    """
    module = type(source).__module__.split(".")[0]
    name = type(source).__name__
    if name == "Series" and module in ("pandas", "polars"):
        return _wrapped_series(source, module)
    if module == "pandas" and name == "DataFrame":
        return _PandasFrame(source)
    if module == "polars" and name in ("DataFrame", "LazyFrame"):
        return PolarsFrame(source.collect() if name == "LazyFrame" else source)  # type: ignore[attr-defined]
    if module == "pyarrow" and name in ("Table", "RecordBatch"):
        return ArrowFrame(source)
    if module == "datasets":
        from dechaff.data.memory.hugging_face import wrapped_dataset  # which stands on this module

        return wrapped_dataset(source)
    return PolarsFrame(pl.DataFrame(source), "Arrow data") if hasattr(source, "__arrow_c_stream__") else None


def _wrapped_series(series: Any, module: str) -> Frame:
    """One column, called text if it has no name; it is given back as a series."""
    if module == "pandas":
        return _PandasFrame(series.to_frame("text" if series.name is None else series.name), of_series=series)
    return PolarsFrame(series.to_frame(series.name or "text"), of_series=series)
