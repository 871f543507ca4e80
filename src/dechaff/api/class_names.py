"""The caller's own names of the classes, and labels written in them as codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError, LabelsError
from dechaff.typing import Labels

MOST_SHOWN = 6


def class_names(classes: Sequence[Any] | None, probs: Any, n_classes: int) -> list[Any]:
    """One name a column of probs: those handed in, those of a data frame, or numbers from 0."""
    names = _names(classes, probs, n_classes)
    _check_order(names, probs, "probs")
    return names


def names_of_both(classes: Sequence[Any] | None, probs: Any, n_classes: int, **labels: Any) -> list[Any]:
    """The same where labels, by their own name, have a column a class too: the names of either, in one order."""
    ((name, given),) = labels.items()
    names = _names(classes, probs if column_names(probs) is not None else given, n_classes)
    _check_order(names, probs, "probs")
    _check_order(names, given, name)
    return names


def column_names(frame: Any, default: Any = None) -> Any:
    """What the columns of a data frame are called; else `default`. Arrow's ``columns`` are the columns themselves."""
    return getattr(frame, "column_names", getattr(frame, "columns", default))


def _names(classes: Sequence[Any] | None, frame: Any, n_classes: int) -> list[Any]:
    names = list(column_names(frame, range(n_classes)) if classes is None else classes)
    if len(names) != n_classes or len(set(names)) != n_classes:
        raise InputError(
            "classes",
            f"be {n_classes} different names, because probs has {n_classes} columns",
            f"{len(names)} names, {len(set(names))} of them different",
            "Name the classes in the order of the columns of probs.",
        )
    return names


def _check_order(names: list[Any], given: Any, name: str) -> None:
    """Columns are taken by their places; the same names in other places are a mistake that nobody would see."""
    columns = list(column_names(given, names))
    if columns == names or set(columns) != set(names):
        return
    place = next(place for place in range(len(names)) if columns[place] != names[place])
    raise InputError(
        f"the columns of {name}",
        "be in the order of the classes",
        f"{columns[place]!r} in place {place}, where the class is {names[place]!r}",
        f"Put them in order: {name}[classes].",
    )


def named(codes: Labels, names: Sequence[Any]) -> npt.NDArray[Any]:
    """Codes as the caller's names."""
    return np.array(names, dtype=None if all(isinstance(name, int) for name in names) else object)[codes]


def codes_of(labels: Iterable[Any], names: Sequence[Any], *, name: str = "labels") -> Labels:
    """The column of each label; a LabelsError names the first label that has none."""
    column = {one: place for place, one in enumerate(names)}
    values = [value.item() if isinstance(value, np.generic) else value for value in labels]
    codes = [column.get(value, -1) for value in values]
    if -1 in codes:
        row = codes.index(-1)
        shown = ", ".join(map(repr, names[:MOST_SHOWN])) + (" …" if len(names) > MOST_SHOWN else "")
        raise LabelsError(
            name,
            f"be among the {len(names)} classes of probs: {shown}",
            f"{values[row]!r} in row {row} ({len(codes)} rows in all)",
            "Name the classes in the order of the columns of probs with classes=[...].",
        )
    return np.array(codes, dtype=np.int64)
