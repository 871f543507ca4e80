"""Values as codes: equal values get the same number, so that arrays of any kind are compared as integers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]


def factorize(values: npt.NDArray[Any]) -> Codes:
    """A code for each value: equal values, equal codes; NaN equals NaN.

    Numbers are coded in their order, other values in the order of their first appearance (hashing, not
    sorting: text columns are long).

    Parameters
    ----------
    values : (n,) array of numbers, or of hashable objects such as strings

    Returns
    -------
    (n,) int64, 0 … number of distinct values - 1

    Examples
    --------
    >>> factorize(np.array(["b", "a", "b"], dtype=object))
    array([0, 1, 0])
    >>> factorize(np.array([2.5, float("nan"), -1.0, float("nan")]))
    array([1, 2, 0, 2])
    """
    if values.dtype.kind in "fiub":
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    return factorize_objects(values.tolist())


def factorize_objects(values: Iterable[object]) -> Codes:
    """The same, for hashable Python objects in the order of their first appearance."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int64)


def combine_codes(columns: Sequence[Codes], n_rows: int) -> Codes:
    """One code per row: two rows have the same code if, and only if, they agree in all columns.

    Parameters
    ----------
    columns : arrays of codes, each (n,) int64 and not negative
    n_rows : number of rows, for the case of no columns (all rows are equal then)

    Examples
    --------
    >>> combine_codes([np.array([0, 0, 1, 0]), np.array([1, 1, 1, 0])], 4)
    array([1, 1, 2, 0])
    """
    code = np.zeros(n_rows, dtype=np.int64)
    for column in columns:
        if n_rows:
            code = np.unique(code * (column.max() + 1) + column, return_inverse=True)[1].astype(np.int64)
    return code
