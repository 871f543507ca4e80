"""A polars data frame, read and given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.typing import Mask


@dataclass(frozen=True)
class PolarsFrame:
    """A polars data frame."""

    native: Any
    kind: str = "polars"
    of_series: Any = None
    """The series that the one column of the frame is, where the caller passed a series."""

    def cells(self) -> tuple[Cells, ...]:
        """Every column."""
        return tuple(
            cells_from_values(column.name, column.to_list(), category=column.dtype in (pl.Categorical, pl.Enum))
            for column in self.native.get_columns()
        )

    def index(self) -> tuple[list[str], str] | None:
        """Nothing: polars has no index."""
        return None

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.native[name][row]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The frame with some cells of one column set, and some rows left out."""
        frame: pl.DataFrame = self.native
        if values:
            column = frame[name]
            cells = column.to_list()
            for row, value in values.items():
                cells[row] = value
            frame = frame.with_columns(pl.Series(name, cells, dtype=_widened(column.dtype, values.values())))
        frame = frame if np.all(keep) else frame.filter(pl.Series(keep))
        return frame if self.of_series is None else frame.to_series().rename(self.of_series.name)


def _widened(dtype: pl.DataType, values: Any) -> pl.DataType:
    """An Enum takes a class that only the test rows had at its end; every other type stays."""
    if isinstance(dtype, pl.Enum):
        known = dtype.categories.to_list()
        new = sorted({value for value in values if value not in known})
        return pl.Enum([*known, *new]) if new else dtype
    return dtype
