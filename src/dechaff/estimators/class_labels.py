"""Labels as scikit-learn takes them: which class each row is given, and what the classes are called."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets

from dechaff.checks import refuse_cells
from dechaff.data.classes import distinct_labels, missing_labels
from dechaff.errors import LabelsError
from dechaff.typing import Labels, Rows


@dataclass(frozen=True)
class ClassLabels:
    """The given label of each row."""

    codes: Labels
    """(n,) places in `classes`."""
    classes: npt.NDArray[Any]
    """(k,) names, sorted: scikit-learn's ``classes_``."""


def read_class_labels(y: Any) -> ClassLabels:
    """Codes and names of labels.

    Parameters
    ----------
    y : (n,) names of classes: numbers, texts or truth values

    Raises
    ------
    LabelsError
        If a label is missing, or the labels are no classes.

    Examples
    --------
    >>> found = read_class_labels(["b", "a", "b"])
    >>> found.codes, found.classes.tolist()
    (array([1, 0, 1]), ['a', 'b'])
    """
    values = one_dimensional(y, must="name the class of each row")
    fix = "Leave those rows out of fit; predict gives each of them a label afterwards."
    refuse_cells(missing_labels(values), values, "y", "name a class for every row", fix, LabelsError)
    names = distinct_names(values)
    if not names:
        raise LabelsError("y", "have labels", "0 rows", "Pass rows to learn from.")
    if values.dtype.kind == "O" and not isinstance(names[0], str):
        values = np.array(values.tolist())  # whole numbers that came as objects
    _refuse_numbers(values)
    classes = as_classes(names, values)
    if values.dtype.kind == "O":
        place = {name: code for code, name in enumerate(names)}
        return ClassLabels(np.fromiter((place[value] for value in values), np.int64, len(values)), classes)
    return ClassLabels(np.searchsorted(classes, values).astype(np.int64), classes)


def _refuse_numbers(values: npt.NDArray[Any]) -> None:
    if values.dtype.kind == "f" and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        fix = "Turn measurements into classes first, such as y > limit."
        raise LabelsError("y", "name classes", f"{values[row]} in row {row}", fix)
    try:
        check_classification_targets(values)
    except ValueError as error:
        found = str(error).splitlines()[0].rstrip(".")
        fix = "Turn measurements into classes first, such as y > limit."
        raise LabelsError("y", "name classes", found, fix) from error


def one_dimensional(y: Any, *, must: str) -> npt.NDArray[Any]:
    """The labels as an array of one axis; a LabelsError that states what y `must` be if they are none."""
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        text = "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples,)"
        warnings.warn(text, DataConversionWarning, stacklevel=4)
        values = values.ravel()
    if values.ndim != 1:
        found = "None" if y is None else f"shape {values.shape}"
        raise LabelsError("y", must, found, "y should be a 1d array.")
    return values


def distinct_names(present: npt.NDArray[Any]) -> list[Any]:
    """The names, sorted; plain Python values, so that they read well in errors.

    Examples
    --------
    >>> distinct_names(np.array(["b", "a", "b"]))
    ['a', 'b']
    """
    if present.dtype.kind == "c":  # not sortable in Python; scikit-learn's own message on complex numbers follows
        return list(np.unique(present).tolist())
    names = distinct_labels(present)
    try:
        return sorted(names)
    except TypeError:
        kinds = sorted({type(value).__name__ for value in names})
        found = f"values of {', '.join(kinds)}"
        raise LabelsError(
            "y", "contain values of one kind", found, "Name the classes by numbers, or all by texts."
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
