"""Arrow tables, and anything that exports Arrow data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.memory.polars import PolarsFrame
from dechaff.typing import Mask


@dataclass(frozen=True)
class ArrowFrame:
    """A pyarrow table or record batch; schema and metadata stay as they are."""

    native: Any
    kind: str = "pyarrow"

    def cells(self) -> tuple[Cells, ...]:
        """Every column."""
        return tuple(
            cells_from_values(name, _values(column), category=str(column.type).startswith("dictionary"))
            for name, column in zip(self.native.schema.names, self.native.columns, strict=True)
        )

    def index(self) -> tuple[list[str], str] | None:
        """Nothing: a table has no index."""
        return None

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.native.column(name)[row].as_py()

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The table with some cells of one column set, and some rows left out."""
        import pyarrow as pa

        table = self.native
        if values:
            place = table.schema.names.index(name)
            cells = table.column(place).to_pylist()
            for row, value in values.items():
                cells[row] = value
            kind = table.schema.field(place).type
            table = table.set_column(place, table.schema.field(place), _typed(pa, cells, kind))
        return table if np.all(keep) else _kept(pa, table, np.asarray(keep, dtype=bool))


def _kept(pa: Any, table: Any, keep: Mask) -> Any:
    """Some rows of a table. By their runs: pyarrow's own filter knows no views of text, which polars writes."""
    starts = np.flatnonzero(np.diff(keep, prepend=False, append=False)).reshape(-1, 2)
    return pa.concat_tables([table.slice(0, 0), *(table.slice(a, b - a) for a, b in starts.tolist())]).combine_chunks()


def _values(column: Any) -> list[Any]:
    """The cells as Python values; times to the microsecond, which is all that Python's have."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    elif pa.types.is_time(column.type) or pa.types.is_duration(column.type):
        column = column.cast(pa.string()) if pa.types.is_time(column.type) else column.cast(pa.int64())
    values: list[Any] = column.to_pylist()
    return values


def _typed(pa: Any, cells: list[Any], kind: Any) -> Any:
    """The cells as the column's own type; a dictionary is encoded anew, from values that it may lack."""
    if not pa.types.is_dictionary(kind):
        return pa.array(cells, type=kind)
    plain = pa.array(cells, type=kind.value_type)
    return plain.dictionary_encode().cast(kind)


def arrow_table_of(source: Any) -> PolarsFrame | None:
    """A frame of a library that we do not know but that speaks Arrow; it is given back as polars."""
    if not hasattr(source, "__arrow_c_stream__"):
        return None
    return PolarsFrame(pl.DataFrame(source), "Arrow data")


def arrow_modules() -> tuple[Any, Any]:
    """``pyarrow`` and ``pyarrow.parquet``, for whoever reads files in pieces; ImportError where they are absent."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pa, pq
