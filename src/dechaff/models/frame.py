"""Columns as a data frame for estimators of other people: pandas where it is installed, polars otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column
from dechaff.errors import MissingExtraError


def frame_of(columns: Sequence[Column]) -> Any:
    """A data frame: numbers and dates as floats with NaN, everything else as str with None where missing."""
    values = {column.name: _values(column) for column in columns}
    try:
        return pandas_frame(values)
    except MissingExtraError:
        import polars

        return polars.DataFrame({name: list(v) if v.dtype == object else v for name, v in values.items()})


def pandas_frame(columns: Mapping[str, Any], *, index: Any = None) -> Any:
    """A pandas frame of these columns, arrays each of its own type and lists as pandas reads them.

    Raises
    ------
    MissingExtraError
        Where pandas is not installed.
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
