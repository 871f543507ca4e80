"""What a table, matrix or data frame holds, as columns of numbers that rows can be compared by."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt

from dechaff.typing import Features

MOST_COLUMNS = 200
"""Of a sparse matrix, those that are filled most often: where hardly a row has a value, rows cannot be compared."""
MOST_CATEGORIES = 10
"""Of a column, the most frequent ones."""

_Named = list[tuple[str, npt.NDArray[np.float64]]]


class FeatureColumns(NamedTuple):
    """Numbers, and what they are called."""

    values: Features
    """NaN where a value is missing."""
    names: tuple[str, ...]
    """Empty where the columns have none."""


def feature_columns(X: Any) -> FeatureColumns | None:
    """The columns of X as numbers; None where there are none, as of texts, or a name is given twice.

    Categories become one column each, 1 where a row has it; dates and times become seconds; texts and nested values
    are left out.

    Parameters
    ----------
    X : array, sparse matrix, data frame (pandas, polars), or sequence

    Examples
    --------
    >>> import polars
    >>> found = feature_columns(polars.DataFrame({"size": [1.5, None], "colour": ["red", "blue"]}))
    >>> found.names
    ('size', 'colour = blue', 'colour = red')
    >>> found.values
    array([[1.5, 0. , 1. ],
           [nan, 1. , 0. ]])
    """
    if hasattr(X, "tocsc"):
        return _sparse(X.tocsc())
    if hasattr(X, "columns"):
        return _frame(X)
    table = np.asarray(X)
    if table.ndim != 2 or table.dtype.kind not in "biuf" or table.shape[1] == 0:
        return None
    return FeatureColumns(table.astype(np.float64), ())


def _sparse(matrix: Any) -> FeatureColumns:
    filled = np.diff(matrix.indptr)
    chosen = np.sort(np.argsort(-filled, kind="stable")[:MOST_COLUMNS])
    names = () if matrix.shape[1] <= MOST_COLUMNS else tuple(f"column {place}" for place in chosen)
    return FeatureColumns(matrix[:, chosen].toarray().astype(np.float64), names)


def _frame(X: Any) -> FeatureColumns | None:
    if len(set(X.columns)) < len(X.columns):
        return None
    frame = nw.from_native(X, eager_only=True)
    named = [pair for name in frame.columns for pair in _numbers(frame[name], str(name))]
    if not named:
        return None
    return FeatureColumns(np.stack([values for _, values in named], axis=1), tuple(name for name, _ in named))


def _numbers(column: nw.Series[Any], name: str) -> _Named:
    kind = column.dtype
    if kind.is_numeric() or kind == nw.Boolean:
        return [(name, column.cast(nw.Float64).to_numpy().astype(np.float64))]
    if kind in (nw.Date, nw.Datetime):
        seconds = column.cast(nw.Datetime("us")).dt.timestamp("ms").cast(nw.Float64).to_numpy()
        return [(name, seconds.astype(np.float64) / 1000)]
    if kind in (nw.String, nw.Categorical, nw.Enum, nw.Object):
        return _categories(column, name)
    return []


def _categories(column: nw.Series[Any], name: str) -> _Named:
    """Nothing where values hardly repeat, as texts do not."""
    values = np.array([str(value) for value in column.to_list()], dtype=object)
    found, counts = np.unique(values.astype(str), return_counts=True)
    if len(found) > max(2, len(values) / 2):
        return []
    frequent = sorted(found[np.lexsort((found, -counts))][:MOST_CATEGORIES])
    return [(f"{name} = {category}", (values == category).astype(np.float64)) for category in frequent]
