"""Probabilities that were passed: which column is which class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_probs
from dechaff.data.classes import check_distinct, sort_classes
from dechaff.errors import LabelsError, ProbsError
from dechaff.typing import Probs

_SOME_COLUMNS = ", and the columns of the classes (class_names=): others are left out."


@dataclass(frozen=True)
class Options:
    """What errors call the options of the function, and of its command if it has one."""

    label: str = "--label, or labels="
    id: str = "--id, or ids="
    """Empty if rows are called by their numbers alone."""


BOTH = Options()


def check_class_columns(
    is_numeric: Mapping[Any, bool],
    values_of: Callable[[Any], Iterable[Any]],
    where_of: Callable[[int], str] | None,
    options: Options = BOTH,
) -> None:
    """A ProbsError if a column of probabilities holds anything but numbers, or there are fewer than two.

    Parameters
    ----------
    is_numeric : by column, whether its type is one of numbers.
    values_of : the values of a column, to name the first that is no number.
    where_of : the place of a row in a file, if there is one.
    options : what the error calls these.
    """
    for name in (name for name, numeric in is_numeric.items() if not numeric):
        row, value = next(((row, one) for row, one in enumerate(values_of(name)) if not _is_number(one)), (0, "text"))
        place = f" in row {row}" if where_of is None else f" in row {row} ({where_of(row)})"
        leave = f" and that of ids ({options.id}); leave out what is not a class." if options.id else _SOME_COLUMNS
        raise ProbsError(
            f"the column {name!r} of probs",
            "contain the probability of a class",
            f"{value!r}{place}",
            f"Name the column of labels ({options.label}){leave}",
        )
    if len(is_numeric) < 2:
        found = f"{len(is_numeric)} columns"
        raise ProbsError("probs", "have one column per class, at least two", found, "Pass one column per class.")


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return value is None
    return True


def arrange_probs(
    probs: npt.ArrayLike, names: Sequence[str] | None, classes: Sequence[str]
) -> tuple[tuple[str, ...], Probs]:
    """All class names, sorted, and the probabilities with their columns in that order.

    Parameters
    ----------
    probs : (n, k) float
    names : (k,) class names of the columns, if they are known.
    classes : class names that the labels hold, sorted.

    Raises
    ------
    ProbsError
        If the columns cannot be matched to the classes.
    LabelsError
        If a label is none of the named classes.
    """
    checked = _summing_to_one(check_probs(from_half(np.asarray(probs))))
    n_columns = checked.shape[1]
    if names is None:
        return _unnamed(classes, n_columns), checked
    check_distinct(names, n_columns)
    unknown = [name for name in classes if name not in names]
    if unknown:
        raise LabelsError(
            "labels", "be among the class names", f"{unknown[0]!r} ({len(unknown)} such classes)", "Add its column."
        )
    ordered = sort_classes(set(names))
    return ordered, np.ascontiguousarray(checked[:, [list(names).index(name) for name in ordered]])


def with_classes(probs: Probs, have: Sequence[str], want: Sequence[str]) -> Probs:
    """The same probabilities with a column for each wanted class, in that order; zeros for a new class."""
    wide = np.zeros((len(probs), len(want)))
    for column, name in enumerate(want):
        if name in have:
            wide[:, column] = probs[:, list(have).index(name)]
    return wide


def from_half(probs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Half-precision rows made to sum to one again: each entry is rounded by up to 0.0005 of itself."""
    if probs.dtype != np.float16 or probs.ndim != 2:
        return probs
    wide = probs.astype(np.float64)
    sums = wide.sum(axis=1, keepdims=True)
    return np.where(np.abs(sums - 1) < 0.01, wide / np.where(sums > 0, sums, 1), wide)


def as_floats(block: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """float32 and float64 as they are, half precision made to sum to one again, other numbers as float64."""
    if block.dtype == np.float16:
        return from_half(block)
    return block if block.dtype in (np.float32, np.float64) else block.astype(np.float64)


def _summing_to_one(probs: Probs) -> Probs:
    """Double precision, each row divided by its sum: files are rounded."""
    wide = probs.astype(np.float64)
    return np.asarray(wide / wide.sum(axis=1, keepdims=True))


def _unnamed(classes: Sequence[str], n_columns: int) -> tuple[str, ...]:
    """Codes 0 … k-1 if the labels are such numbers, though some class may have no row; else the classes in order."""
    codes = tuple(str(code) for code in range(n_columns))
    if set(classes) <= set(codes):
        return codes
    if len(classes) == n_columns:
        return tuple(classes)
    raise ProbsError(
        "probs",
        f"have one column for each of the {len(classes)} classes, in their sorted order",
        f"{n_columns} columns; the classes are {', '.join(classes[:8])}",
        "Pass one column per class, or name the columns by class_names in an npz.",
    )
