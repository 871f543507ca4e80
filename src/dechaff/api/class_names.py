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
    names = list(getattr(probs, "columns", range(n_classes)) if classes is None else classes)
    if len(names) != n_classes or len(set(names)) != n_classes:
        raise InputError(
            "classes",
            f"be {n_classes} different names, because probs has {n_classes} columns",
            f"{len(names)} names, {len(set(names))} of them different",
            "Name the classes in the order of the columns of probs.",
        )
    return names


def named(codes: Labels, names: Sequence[Any]) -> npt.NDArray[Any]:
    """Codes as the caller's names."""
    return np.array(names, dtype=None if all(isinstance(name, int) for name in names) else object)[codes]


def codes_of(labels: Iterable[Any], names: Sequence[Any]) -> Labels:
    """The column of each label; a LabelsError names the first label that has none."""
    column = {name: place for place, name in enumerate(names)}
    values = [value.item() if isinstance(value, np.generic) else value for value in labels]
    codes = [column.get(value, -1) for value in values]
    if -1 in codes:
        row = codes.index(-1)
        shown = ", ".join(map(repr, names[:MOST_SHOWN])) + (" …" if len(names) > MOST_SHOWN else "")
        raise LabelsError(
            "labels",
            f"be among the {len(names)} classes of probs: {shown}",
            f"{values[row]!r} in row {row} ({len(codes)} rows in all)",
            "Name the classes in the order of the columns of probs with classes=[...].",
        )
    return np.array(codes, dtype=np.int64)
