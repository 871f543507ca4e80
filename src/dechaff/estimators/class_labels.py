"""Labels of any number of classes: which class each row is given, and what the classes are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets

from dechaff.errors import LabelsError
from dechaff.estimators.label_values import as_classes, distinct_names, missing_labels, one_dimensional
from dechaff.typing import Labels


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

    Returns
    -------
    ClassLabels

    Raises
    ------
    LabelsError
        Where a label is missing, or the labels are no classes.

    Examples
    --------
    >>> found = read_class_labels(["b", "a", "b"])
    >>> found.codes, found.classes.tolist()
    (array([1, 0, 1]), ['a', 'b'])
    """
    values = one_dimensional(y, must="name the class of each row")
    missing = missing_labels(values)
    if missing.any():
        row = int(np.flatnonzero(missing)[0])
        found = f"{values[row]!r} in row {row} ({int(missing.sum())} such rows of {len(values)})"
        fix = "Leave those rows out of fit; predict gives each of them a label afterwards."
        raise LabelsError("y", "name a class for every row", found, fix)
    names = distinct_names(values)
    if not names:
        raise LabelsError("y", "have labels", "0 rows", "Hand in rows to learn from.")
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
