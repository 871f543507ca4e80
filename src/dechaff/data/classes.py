"""Classes and their codes: labels of any kind matched to the columns of probabilities, or to each other.

One set of rules for every function. A label is a class if it is the name of the class, or its text, 1.0 as "1"; whole
numbers from 0 to k-1 that are no names are places of columns. Without names, classes are those that occur, sorted as
scikit-learn sorts them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import missing_of
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.typing import Labels, Mask

Values = npt.NDArray[Any]
_WHOLE_WITH_POINT = re.compile(r"(-?\d+)\.0+")
_SHOWN = 8


def class_names_of(class_names: Sequence[Any] | None, probs: Any, n_classes: int, **labels: Any) -> list[Any]:
    """One name per column of probs: those given, those of a data frame, or numbers from 0.

    Labels with one column per class, passed by their own name, have names, too: all must stand in one order.

    Raises
    ------
    InputError
        If names repeat, are too few or too many, or stand in another order than the columns of a frame.
    """
    frames = {"probs": probs, **labels}
    columns = next((found for found in map(column_names, frames.values()) if found is not None), range(n_classes))
    names = list(columns if class_names is None else class_names)
    check_distinct(names, n_classes)
    for name, frame in frames.items():
        _check_order(names, frame, name)
    return names


def column_names(frame: Any, default: Any = None) -> Any:
    """What the columns of a data frame are called; else `default`. Arrow's ``columns`` are the columns themselves."""
    return getattr(frame, "column_names", getattr(frame, "columns", default))


def check_distinct(names: Sequence[Any], n_classes: int) -> None:
    """A ProbsError if names and columns of probs differ in number, or a name repeats."""
    if len(names) != n_classes or len(set(names)) != n_classes:
        raise ProbsError(
            "class_names",
            f"name each of the {n_classes} columns of probs once",
            f"{len(names)} names, {len(set(names))} of them distinct",
            "Give one name per column, in the order of the columns.",
        )


def _check_order(names: list[Any], given: Any, name: str) -> None:
    """Columns are taken by their places; the same names in other places would be a silent mistake."""
    columns = list(column_names(given, names))
    if columns == names or set(columns) != set(names):
        return
    place = next(place for place in range(len(names)) if columns[place] != names[place])
    raise InputError(
        f"the columns of {name}",
        "be in the order of the classes",
        f"{columns[place]!r} in place {place}, where the class is {names[place]!r}",
        f"Put them in order: {name}[class_names].",
    )


def named(codes: Labels, names: Sequence[Any]) -> Values:
    """Codes as the caller's names."""
    return np.array(names, dtype=None if all(isinstance(name, int) for name in names) else object)[codes]


def codes_of(labels: Iterable[Any], names: Sequence[Any], *, name: str = "labels") -> Labels:
    """The column of each label by the names of the columns; a LabelsError names the first label that has none.

    Examples
    --------
    >>> codes_of(["cow", "ant"], ["ant", "bee", "cow"]), codes_of([1.0, 2.0], ["2", "1"])
    (array([2, 0]), array([1, 0]))
    """
    listed = [value.item() if isinstance(value, np.generic) else value for value in labels]
    if not listed:
        return np.empty(0, dtype=np.int64)
    values = np.array(listed, dtype=object) if str in set(map(type, listed)) else class_array(listed)
    return encode_classes(values, len(names), names, what=name)[1]


def encode_classes(
    values: Values, n_classes: int, names: Sequence[Any] | None, *, where: str | None = "", what: str = "labels"
) -> tuple[Values, npt.NDArray[np.int64]]:
    """The classes in the caller's own values, in the order of the columns, and the code of each label.

    Labels are matched to `names` by value, then by their text, 1.0 as "1"; whole numbers from 0 to k-1 that are no
    names are places of columns. Without names, such numbers are places, too, and any other k values are the classes in
    their sorted order, as scikit-learn sorts them. Errors call the labels `what`, and add `where` to the row, such as a
    file; None if the values are the different labels of a stream, without rows.

    Raises
    ------
    LabelsError
        If a label is missing or has no column.
    ProbsError
        If names and columns differ in number.
    """
    _refuse_missing(values, where or "")
    if names is None:
        return _unnamed(values, n_classes, where=where)
    check_distinct(names, n_classes)
    return _named(values, list(names), where=where, what=what)


def _refuse_missing(values: Values, where: str) -> None:
    if values.ndim != 1:
        raise LabelsError("labels", "be one-dimensional", f"shape {values.shape}", "Pass one label per row.")
    gone = np.flatnonzero(missing_labels(values))
    if len(gone):
        raise LabelsError(
            "labels",
            "be given in every row",
            f"{values.tolist()[gone[0]]!r} in row {gone[0]}{where} ({len(gone)} in all)",
            "Leave out the rows without a label.",
        )


def missing_labels(values: Values) -> Mask:
    """(n,) True for a missing label: None, NaN, or NA of pandas.

    Examples
    --------
    >>> missing_labels(np.array(["a", None, float("nan")], dtype=object))
    array([False,  True,  True])
    """
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    return missing_of(values.tolist()) if values.dtype.kind == "O" else np.zeros(len(values), dtype=np.bool_)


def _named(values: Values, names: list[Any], *, where: str | None, what: str) -> tuple[Values, npt.NDArray[np.int64]]:
    present = distinct_labels(values)
    for match in (lambda value: value, str, spelled):
        code = {match(name): place for place, name in enumerate(names)}
        if all(match(value) in code for value in present):
            own = {code[match(value)]: value for value in present}
            kind = type(present[0]) if present else None
            classes = [own.get(place, _alike(name, kind)) for place, name in enumerate(names)]
            return class_array(classes), _codes(values, {value: code[match(value)] for value in present})
    if _are_places(values, len(names)):
        return class_array(names), values.astype(np.int64)
    strays = set(without_column(present, len(names), names)) or set(present)
    row, stray = next((row, value) for row, value in enumerate(values.tolist()) if value in strays)
    found = repr(stray) if where is None else f"{stray!r} in row {row}{where}"
    raise no_such_class(found, len(names), names, what=what)


def sort_classes(names: set[str], *, last: str = "") -> tuple[str, ...]:
    """Class names in their order: by value if all are numbers, else by letter; `last` after all others.

    Examples
    --------
    >>> sort_classes({"10", "9", "-1"}), sort_classes({"b", "10", "9"})
    (('-1', '9', '10'), ('10', '9', 'b'))
    """
    if last in names:
        return (*sort_classes(names - {last}), last)
    try:
        return tuple(sorted(names, key=lambda name: (float(name), name)))
    except ValueError:
        return tuple(sorted(names))


def spelled(label: Any) -> str:
    """A label as text, without the ``.0`` that a column with gaps or a program gives to whole numbers.

    Examples
    --------
    >>> spelled(1.0), spelled("1.0"), spelled("1.05"), spelled("v1.0")
    ('1', '1', '1.05', 'v1.0')
    """
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    found = _WHOLE_WITH_POINT.fullmatch(label) if isinstance(label, str) else None
    return found[1] if found else str(label)


def _alike(name: Any, kind: type | None) -> Any:
    """A name of a class without rows as a number, if the other classes are such numbers and it reads as one."""
    if kind in (int, float) and isinstance(name, str):
        with suppress(ValueError):
            return kind(name)
    return name


def without_column(labels: Sequence[Any], n_classes: int, names: Sequence[Any] | None) -> list[Any]:
    """Of different labels, in their order, those that no column of the probabilities has.

    These are neither names nor places of columns; or of labels of which some are this and some are that, those that
    are no names. Without names, numbers that are no places, or labels beyond the number of columns.

    Examples
    --------
    >>> without_column(["cat", "cow", "dog"], 2, ["cat", "dog"]), without_column([0.0, 1.0, 7.0], 2, None)
    (['cow'], [7.0])
    """
    beyond = [label for label in labels if not _is_place(label, n_classes)]
    if names is None:
        numbers = all(isinstance(label, int | float) for label in labels)
        return [] if len(labels) == n_classes else beyond if numbers else list(labels[n_classes:])
    known = set(map(spelled, names))
    others = [label for label in labels if spelled(label) not in known]
    return [label for label in others if label in beyond] or (others if len(others) < len(labels) else [])


def no_such_class(found: str, n_classes: int, names: Sequence[Any] | None, *, what: str = "labels") -> LabelsError:
    """The error for a label that no column has; `found` shows it with its first row."""
    if names is None:
        return LabelsError(
            "labels",
            f"be whole numbers from 0 to {n_classes - 1}, or {n_classes} different names, one per column of probs",
            found,
            "Pass class_names, the class of each column in their order.",
        )
    more = " …" if len(names) > _SHOWN else ""
    return LabelsError(
        what,
        "be among the class names",
        f"{found}; the names are {', '.join(map(str, names[:_SHOWN]))}{more}",
        "Correct the label, or add a column with its probability.",
    )


def _unnamed(values: Values, n_classes: int, *, where: str | None) -> tuple[Values, npt.NDArray[np.int64]]:
    if _are_places(values, n_classes):
        if values.dtype.kind == "b":
            return np.array([False, True]), values.astype(np.int64)
        own = np.float64 if values.dtype.kind == "f" else np.int64
        return np.arange(n_classes, dtype=own), values.astype(np.int64, copy=False)
    present = distinct_labels(values)
    if len(present) != n_classes:
        in_order = list(dict.fromkeys(values.tolist()))
        stray = next(iter(without_column(in_order, n_classes, None)), None)
        listed = f"{len(present)} different labels: {', '.join(map(str, present[:_SHOWN]))}"
        if stray is not None and where is not None:
            listed = f"{stray!r} in row {values.tolist().index(stray)}{where}, and {listed}"
        raise no_such_class(listed, n_classes, None)
    return class_array(present), _codes(values, {value: place for place, value in enumerate(present)})


def _is_place(label: Any, n_classes: int) -> bool:
    if isinstance(label, bool):
        return n_classes == 2
    return isinstance(label, int | float) and 0 <= label < n_classes and label == int(label)


def _are_places(values: Values, n_classes: int) -> bool:
    if not len(values):
        return True  # an empty list has no type
    if values.dtype.kind == "b":
        return n_classes == 2
    if values.dtype.kind not in "iuf" or not (values.min() >= 0 and values.max() < n_classes):
        return False
    return values.dtype.kind in "iu" or bool((values == np.floor(values)).all())


def distinct_labels(values: Values) -> list[Any]:
    """The different labels as Python values, sorted; labels of several kinds by their text.

    Examples
    --------
    >>> distinct_labels(np.array(["b", "a", "b"])), distinct_labels(np.array(["b", 1, "a"], dtype=object))
    (['a', 'b'], [1, 'a', 'b'])
    """
    if values.dtype.kind != "O":
        return list(np.unique(values).tolist())
    try:
        return sorted(set(values.tolist()))
    except TypeError:
        return sorted(set(values.tolist()), key=str)


def _codes(values: Values, code: dict[Any, int]) -> npt.NDArray[np.int64]:
    return np.fromiter((code[value] for value in values.tolist()), np.int64, len(values))


def class_array(values: list[Any]) -> Values:
    """One array; of objects if the values are not all of one kind, so that 1 and "1" stay apart."""
    array = np.array(values) if len(set(map(type, values))) <= 1 else np.array(values, dtype=object)
    if array.ndim == 1:
        return array
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def is_path(source: object) -> bool:
    """True for the name of a file."""
    return isinstance(source, str | os.PathLike)


def column_values(column: Any) -> Values:
    """The values of a list, array, series or one-column frame, as one array; never a copy of an array."""
    if isinstance(column, np.ndarray):
        return column
    if hasattr(column, "columns") and not hasattr(column, "dtype"):  # a frame or table of one column
        column = _only_column(column)
    if hasattr(column, "to_pylist"):  # pyarrow
        return class_array(column.to_pylist())
    if hasattr(column, "to_numpy"):  # pandas and polars series
        values = np.asarray(column.to_numpy())
        return class_array(values.tolist()) if values.dtype == object else values  # pandas' own integers are objects
    return class_array(list(column))


def _only_column(frame: Any) -> Any:
    columns = list(frame.columns)
    if len(columns) != 1:
        raise LabelsError("labels", "be one column", f"{len(columns)} columns", "Pass the column of the labels.")
    name = columns[0]
    return frame[name] if isinstance(name, str) or not hasattr(frame, "schema") else name
