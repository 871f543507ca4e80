"""Columns as a data frame for the user's estimators: pandas if it is installed, else polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column
from dechaff.errors import MissingExtraError


def frame_of(columns: Sequence[Column]) -> Any:
    """A data frame with numbers and dates as floats (missing: NaN), and all else as str (missing: None)."""
    values = {column.name: _values(column) for column in columns}
    try:
        return pandas_frame(values)
    except MissingExtraError:
        import polars

        return polars.DataFrame({name: list(v) if v.dtype == object else v for name, v in values.items()})


def pandas_frame(columns: Mapping[str, Any], *, index: Any = None) -> Any:
    """A pandas data frame; arrays keep their type, and pandas infers that of lists.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    try:
        import pandas
    except ImportError as absent:
        raise MissingExtraError.of("pandas", "pandas", "to give a pandas data frame") from absent
    return pandas.DataFrame(
        {name: pandas.Series(v, dtype=getattr(v, "dtype", None), index=index) for name, v in columns.items()}
    )


def _values(column: Column) -> npt.NDArray[Any]:
    if column.kind in ("numeric", "datetime"):
        return np.asarray(column.values, dtype=np.float64)
    if column.kind == "text":
        return np.asarray(column.values, dtype=object)
    values = np.array(column.values, dtype=object)
    values[column.missing] = None
    return values
