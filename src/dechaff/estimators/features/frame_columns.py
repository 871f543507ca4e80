"""Data frames and arrays as columns of known kinds, and created columns put back into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dechaff.core.table import Column, Table
from dechaff.data.columns.kinds import build_column, identifier_plan, plan_column
from dechaff.data.columns.names import check_distinct_names
from dechaff.data.dataset import ColumnPlan
from dechaff.data.memory.frames import Frame, wrapped
from dechaff.errors import InputError
from dechaff.estimators.features.creation.creation import number_column


def column_plans(frame: Frame) -> dict[str, ColumnPlan]:
    """Column -> its kind, for a frame of one row at least."""
    cells = frame.cells()
    if not cells or not len(cells[0]):
        found = f"{len(cells)} columns" if not cells else "0 sample(s)"
        raise InputError("X", "have rows and columns", found, "Pass a frame with a minimum of 1 row and 1 column.")
    check_distinct_names([column.name for column in cells], "the frame")
    plans = {}
    for one in cells:
        plan = plan_column(one, alone=len(cells) == 1)
        # Nested values are no features of the models here: as images, they are neither judged nor left out.
        plan = plan or ColumnPlan(one.name, "image", "nested")
        plans[one.name] = identifier_plan(one, plan)
    return plans


def table_of(frame: Frame, plans: Mapping[str, ColumnPlan]) -> Table:
    """The columns of a frame in known kinds."""
    cells = frame.cells()
    return Table(tuple(build_column(one, plans[one.name]) for one in cells), len(cells[0]) if cells else 0)


def columns_of(output: Any, name: str, n_rows: int, plans: Mapping[str, ColumnPlan] | None) -> list[Column]:
    """The columns of a frame, a series or an array that a function made for n rows; `plans` as of earlier rows."""
    if hasattr(output, "toarray"):
        output = output.toarray()
    if hasattr(output, "to_frame"):
        output = output.to_frame(name)
    frame = wrapped(output)
    if frame is None:
        array = np.asarray(output)
        array = array.reshape(len(array), -1) if array.ndim else array.reshape(0, 0)
        if array.dtype.kind not in "biuf":
            fix = "Return numbers, or a data frame."
            raise InputError(name, "return numbers or a data frame", f"an array of {array.dtype}", fix)
        names = [name] if array.shape[1] == 1 else [f"{name} {at}" for at in range(array.shape[1])]
        made = [number_column(one, array[:, at]) for at, one in enumerate(names)]
    else:
        made = list(table_of(frame, column_plans(frame) if plans is None else plans).columns)
    if not made or len(made[0].values) != n_rows:
        found = f"{len(made[0].values) if made else 0} rows, not {n_rows}"
        raise InputError(name, "return one row for each row of X", found, "Keep the rows and their order.")
    return made


def taken(native: Any, places: list[int]) -> Any:
    """Some columns of a pandas, polars or Arrow table."""
    if hasattr(native, "iloc"):
        return native.iloc[:, places]
    if hasattr(native, "column_names"):
        return native.select(places)
    return native[:, places]


def beside(X: Any, columns: Sequence[Column]) -> Any:
    """X with more columns on its right side: an array, or a pandas, polars or Arrow table."""
    if not columns:
        return X
    if isinstance(X, np.ndarray):
        return np.column_stack([X, *(one.values for one in columns)])
    values = {one.name: _cells(one) for one in columns}
    if hasattr(X, "iloc"):
        return X.assign(**values)
    if hasattr(X, "column_names"):
        for name, cells in values.items():
            X = X.append_column(name, [cells.tolist()])
        return X
    import polars

    return X.with_columns(polars.Series(name, cells, nan_to_null=True) for name, cells in values.items())


def _cells(column: Column) -> Any:
    if column.kind != "categorical":
        return column.values.astype(np.float64)
    cells = np.array(column.values, dtype=object)
    cells[column.missing] = None
    return cells


def indicators(columns: Sequence[Column], levels: Mapping[str, Sequence[str]]) -> list[Column]:
    """The same columns with an indicator for each level in place of categories, for arrays of numbers."""
    found: list[Column] = []
    for one in columns:
        if one.kind != "categorical":
            found.append(one)
            continue
        of = [(f"{one.name}: {level}", one.values == level) for level in levels[one.name]]
        found += [number_column(name, hit) for name, hit in of]
    return found


def renamed(table: Table, names: Sequence[str]) -> Table:
    """The same columns under other names."""
    pairs = zip(table.columns, names, strict=True)
    return Table(tuple(replace(column, name=name) for column, name in pairs), table.n_rows)
