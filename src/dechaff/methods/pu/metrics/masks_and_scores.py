"""What metrics are handed in, one value a row: masks, also as 1 and 0, and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.typing import Figures, Mask


def mask(name: str, values: npt.ArrayLike) -> Mask:
    """The rows marked True, or 1; an InputError for anything but two such values.

    Numbers are compared, never used as they are: as an index, 1 and 0 would pick rows 1 and 0.

    Examples
    --------
    >>> mask("predicted", [1, 0, 0])
    array([ True, False, False])
    """
    rows = _one_a_row(name, np.asarray(values))
    if rows.dtype == np.bool_:
        return rows
    found = f"an array of {rows.dtype}"
    if rows.dtype.kind in "iuf":
        bad = np.flatnonzero((rows != 0) & (rows != 1))
        if not len(bad):
            return np.asarray(rows == 1)
        found = f"{rows[bad[0]]} in row {bad[0]}"
    fix = f"Mark the positive rows by a comparison, such as {name} == 'yes', or == 1."
    raise InputError(name, "be an array of True and False, or of 1 and 0", found, fix)


def scores_of_rows(name: str, values: npt.ArrayLike) -> Figures:
    """One number a row; an InputError for a table, such as both columns of ``predict_proba``.

    Examples
    --------
    >>> scores_of_rows("scores", [0.5, 1])
    array([0.5, 1. ])
    """
    return np.asarray(_one_a_row(name, np.asarray(values)), dtype=np.float64)


def _one_a_row(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.ndim != 1:
        fix = "Of predict_proba, take the column of the positive class."
        raise InputError(name, "hold one value for each row", f"an array of shape {values.shape}", fix)
    return values
