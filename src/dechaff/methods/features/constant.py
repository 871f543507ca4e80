"""Columns that hold the same value everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask


def constant_value(values: npt.NDArray[Any], missing: Mask) -> object | None:
    """The one value of a constant column; '' if every cell is empty; None if the column varies.

    One value beside empty cells is not constant: whether there is a value may be informative. Nor is a column that is
    nearly constant: its rare value may be the best feature there is.

    Parameters
    ----------
    values : (n,) array
    missing : (n,) bool

    Returns
    -------
    The value, '' or None

    Examples
    --------
    >>> constant_value(np.array(["a", "a"], dtype=object), np.array([False, False]))
    'a'
    >>> constant_value(np.array(["a", "b"], dtype=object), np.array([False, False])) is None
    True
    """
    if len(values) < 2:
        return None
    if missing.all():
        return ""
    if missing.any():
        return None
    first: object = values[0]
    return first if bool(np.all(values == first)) else None
