"""A pandas data frame, read and given back with its index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.typing import Mask


@dataclass(frozen=True)
class PandasFrame:
    """A pandas data frame. Columns are addressed by place: their names may be numbers or tuples."""

    native: Any
    kind: str = "pandas"
    of_series: Any = None
    """The series that the one column of the frame is, where the caller passed a series."""

    def cells(self) -> tuple[Cells, ...]:
        """Every column."""
        return tuple(
            cells_from_values(
                str(name),
                self.native.iloc[:, place].tolist(),
                category=type(self.native.dtypes.iloc[place]).__name__ == "CategoricalDtype",
            )
            for place, name in enumerate(self.native.columns)
        )

    def index(self) -> tuple[list[str], str] | None:
        """The index, where it is unique and more than a count of the rows."""
        index = self.native.index
        if type(index).__name__ == "RangeIndex" or not index.is_unique:
            return None
        names = [" / ".join(map(str, entry)) if isinstance(entry, tuple) else str(entry) for entry in index.tolist()]
        called = " / ".join(str(name) for name in index.names if name is not None) or "index"
        return names, called

    def value(self, name: str, row: int) -> Any:
        """One cell."""
        return self.native.iloc[row, self._place(name)]

    def changed(self, keep: Mask, name: str, values: Mapping[int, Any]) -> Any:
        """The frame with some cells of one column set, and some rows left out; the caller's stays as it was."""
        frame = self.native.copy()
        if values:
            place = self._place(name)
            column = frame.iloc[:, place].copy()
            if type(column.dtype).__name__ == "CategoricalDtype":
                known = column.cat.categories
                new = sorted({value for value in values.values() if value not in known})
                column = column.cat.add_categories(new) if new else column
            column.iloc[list(values)] = list(values.values())
            frame.isetitem(place, column)
        frame = frame if np.all(keep) else frame.iloc[np.flatnonzero(keep)]
        return frame if self.of_series is None else frame.iloc[:, 0].rename(self.of_series.name)

    def _place(self, name: str) -> int:
        return [str(found) for found in self.native.columns].index(name)
