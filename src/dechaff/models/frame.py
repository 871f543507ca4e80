"""Columns as a data frame for estimators of other people: pandas where it is installed, polars otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.table import Column


def frame_of(columns: Sequence[Column]) -> Any:
    """A data frame: numbers and dates as floats with NaN, everything else as str with None where missing."""
    values = {column.name: _values(column) for column in columns}
    try:
        import pandas
    except ImportError:
        import polars

        return polars.DataFrame({name: list(v) if v.dtype == object else v for name, v in values.items()})
    return pandas.DataFrame({name: pandas.Series(v, dtype=v.dtype) for name, v in values.items()})


def _values(column: Column) -> npt.NDArray[Any]:
    if column.kind in ("numeric", "datetime"):
        return np.asarray(column.values, dtype=np.float64)
    if column.kind == "text":
        return np.asarray(column.values, dtype=object)
    values = np.array(column.values, dtype=object)
    values[column.missing] = None
    return values
