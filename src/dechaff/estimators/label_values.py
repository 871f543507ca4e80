"""What a column of labels holds: one value a row, some of them missing, of which kind, under which names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import DataConversionWarning

from dechaff.errors import LabelsError
from dechaff.typing import Rows


def one_dimensional(y: Any, *, must: str) -> npt.NDArray[Any]:
    """The labels as an array of one axis; a LabelsError, in which y `must` do what it does not, where they are none."""
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        text = "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples,)"
        warnings.warn(text, DataConversionWarning, stacklevel=4)
        values = values.ravel()
    if values.ndim != 1:
        found = "None" if y is None else f"shape {values.shape}"
        raise LabelsError("y", must, found, "y should be a 1d array.")
    return values


def missing_labels(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """(n,) where there is none: None, NaN, or NA of pandas.

    Examples
    --------
    >>> missing_labels(np.array(["a", None, float("nan")], dtype=object))
    array([False,  True,  True])
    """
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind != "O":
        return np.zeros(len(values), dtype=np.bool_)
    return np.fromiter((_is_missing(value) for value in values), np.bool_, len(values))


def _is_missing(value: object) -> bool:
    """None and NaN; and NA of pandas, which answers no question, by its name."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and value != value


def distinct_names(present: npt.NDArray[Any]) -> list[Any]:
    """The names, sorted; plain Python values, so that they read well in errors.

    Examples
    --------
    >>> distinct_names(np.array(["b", "a", "b"]))
    ['a', 'b']
    """
    if present.dtype.kind != "O":
        names: list[Any] = np.unique(present).tolist()
        return names
    try:
        return sorted(set(present.tolist()))
    except TypeError:
        kinds = sorted({type(value).__name__ for value in present})
        found = f"values of {', '.join(kinds)}"
        raise LabelsError(
            "y", "hold values of one kind", found, "Name the classes by numbers, or all by texts."
        ) from None


def as_classes(names: list[Any], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The names as an array of the kind that the labels came in."""
    if values.dtype.kind == "O" and isinstance(names[0], str):
        return np.array(names, dtype=object)
    return np.array(names) if values.dtype.kind in "OUS" else np.array(names, dtype=values.dtype)


def with_labels(y: Any, places: Rows, names: npt.NDArray[Any]) -> Any:
    """A copy of the labels in which those at `places` (m,) are replaced, in the container that they came in.

    Examples
    --------
    >>> with_labels(["a", "b", "b"], np.array([0]), np.array(["b"]))
    ['b', 'b', 'b']
    """
    if hasattr(y, "scatter"):
        return y.clone().scatter(places, names.tolist())
    copy = y[:] if isinstance(y, list) else y.copy()
    target = copy.iloc if hasattr(copy, "iloc") else copy
    for place, name in zip(places, names.tolist(), strict=True):
        target[place] = name
    return copy
