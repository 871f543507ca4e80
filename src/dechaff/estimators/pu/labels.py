"""Labels of positive-unlabelled learning: which rows are labelled, and the class names of predictions."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.classes import missing_labels
from dechaff.errors import LabelsError
from dechaff.estimators.class_labels import as_classes, distinct_names, one_dimensional
from dechaff.typing import Mask, Numbers

_SHOWN = 5


@dataclass(frozen=True)
class PULabels:
    """Which rows are labelled, and the names of the two classes."""

    labelled: Mask
    """(n,) bool, True = labelled positive."""
    classes: npt.NDArray[Any]
    """(2,) class names, sorted: scikit-learn's ``classes_``."""
    positive: int
    """Position of the positive class in `classes`."""


def named(classes: npt.NDArray[Any], positive: int, is_positive: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """(n,) class name of each row.

    Examples
    --------
    >>> named(np.array(["no", "yes"]), 1, np.array([True, False]))
    array(['yes', 'no'], dtype='<U3')
    """
    return np.asarray(classes[np.where(is_positive, positive, 1 - positive)])


def probability_columns(positive_probs: Numbers, positive: int) -> npt.NDArray[np.float64]:
    """(n, 2) probabilities in the order of the classes; rows sum to 1.

    Examples
    --------
    >>> probability_columns(np.array([0.2, 1.0]), 1)
    array([[0.8, 0.2],
           [0. , 1. ]])
    """
    columns = (1 - positive_probs, positive_probs) if positive == 1 else (positive_probs, 1 - positive_probs)
    return np.column_stack(columns)


def read_pu_labels(y: Any, *, positive: Hashable = None) -> PULabels:
    """Which rows are labelled positives, from labels with any two names.

    A missing value (NaN, None, NA) means unlabelled; there must then be one other value. The negative class is then
    named 0 for numbers, False for True, and "not NAME" for strings.

    Parameters
    ----------
    y : (n,) of 1 / 0, 1 / -1, True / False, two names, or one name and missing values
    positive : name of labelled rows
        None: the greater of the two values, as in scikit-learn.

    Raises
    ------
    LabelsError
        If no row or every row is labelled, if there is a third value, or if `positive` does not occur.

    Examples
    --------
    >>> read_pu_labels([1, -1, -1]).labelled
    array([ True, False, False])
    >>> read_pu_labels(["spam", None, None]).classes.tolist()
    ['not spam', 'spam']
    >>> read_pu_labels(["spam", "?"], positive="?").labelled
    array([False,  True])
    """
    values = one_dimensional(y, must="mark each row as labelled or unlabelled")
    missing = missing_labels(values)
    present = values[~missing]
    names = distinct_names(present)
    if missing.any() and len(names) == 1:
        return _with_missing(values, missing, names[0], positive)
    if len(names) != 2 or missing.any():
        raise _not_two(values, names, missing, positive)
    if positive is not None and positive not in names:
        raise _unknown_positive(positive, names)
    place = 1 if positive is None else names.index(positive)
    labelled = np.asarray(values == names[place], dtype=np.bool_)
    return PULabels(labelled, as_classes(names, values), place)


def _with_missing(values: npt.NDArray[Any], missing: Mask, name: Any, positive: Hashable) -> PULabels:
    """One value and missing ones: the value is the positive class; 0 and -1 need `positive` to confirm it."""
    if positive is not None and positive != name:
        raise _unknown_positive(positive, [name])
    if positive is None and name in (0, -1):
        raise LabelsError(
            "y",
            "have labelled positives beside its missing values",
            f"{name!r} and missing values only",
            f"Pass positive={name!r} if that is the class that was labelled.",
        )
    other = _name_of_the_others(name)
    classes = sorted([other, name])
    return PULabels(~missing, as_classes(classes, values), classes.index(name))


def _name_of_the_others(name: Any) -> Any:
    if isinstance(name, bool):
        return not name
    if isinstance(name, str):
        return f"not {name}"
    return type(name)(1) if name == 0 else type(name)(0)


def _not_two(values: npt.NDArray[Any], names: list[Any], missing: Mask, positive: Hashable) -> LabelsError:
    if not names:
        return LabelsError("y", "have labelled positives", "no label at all", "Label some rows of the positive class.")
    if len(names) == 1:
        return _one_class(names[0], positive)
    shown = ", ".join(repr(name) for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    count = f"{len(names)} values ({shown})" + (" and missing ones" if missing.any() else "")
    kind = "continuous numbers, " if values.dtype.kind == "f" and any(name != int(name) for name in names) else ""
    return LabelsError(
        "y",
        "have two values: labelled positives, and everything else unlabelled",
        kind + count,
        "Only binary classification is supported. Give all other rows one common value: y = (y == NAME).",
    )


def _one_class(name: Any, positive: Hashable) -> LabelsError:
    if positive is not None and positive != name:
        found, fix = f"one class, {name!r}: no labelled positives", f"Label some rows with {positive!r}."
    elif positive is not None:
        found, fix = f"one class, {name!r}: all rows are labelled", "Add unlabelled rows of both classes."
    else:
        found, fix = f"one class, {name!r}, in all rows", "Pass labelled positives together with unlabelled rows."
    return LabelsError("y", "have labelled positives and unlabelled rows", found, fix)


def _unknown_positive(positive: Hashable, names: list[Any]) -> LabelsError:
    shown = " and ".join(repr(name) for name in names)
    return LabelsError("y", f"have rows of the positive class, {positive!r}", shown, "Correct positive=.")
