"""Inputs checked once, where they enter; everything below trusts its arguments."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, SupportsIndex, cast

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError, LabelsError, ProbsError

ROW_SUM_SLACK = 1e-3
"""How far a row of probabilities may be from one: float16 files are off by some 5e-4."""
_BYTES_AT_ONCE = 2**19
"""Bytes of probabilities looked at together: they stay in the cache of one core."""


def check_probs(
    probs: npt.ArrayLike, *, name: str = "probs", where_of: Callable[[int], str] | None = None
) -> npt.NDArray[np.float64]:
    """Probabilities as an (n, k) array whose rows sum to one, or a ProbsError.

    float32 and float64 stay what they are, and where they are: a memory-mapped array is read once, piece by piece,
    and never copied. Other numbers become floats. Rows may miss one by `ROW_SUM_SLACK`; nothing is normalised.
    """
    array = check_probs_shape(probs, name=name)
    check_rows(array, name=name, where_of=where_of)
    return array


def check_probs_shape(probs: npt.ArrayLike, *, name: str = "probs") -> npt.NDArray[np.float64]:
    """The same without a look at the numbers, for a pass that looks at them anyway (`rows_are_fine`)."""
    array = np.asarray(probs)
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fiub":
        raise ProbsError(
            name,
            "be a numeric (n, k) array with one column per class, k >= 2",
            f"shape {array.shape} of {array.dtype}",
            "Stack the probability of every class, one column each.",
        )
    return array.astype(np.float32 if array.dtype in (np.float16, np.float32) else np.float64, copy=False)


def rows_are_fine(probs: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """For each row, whether it is finite, nowhere negative and sums to one."""
    sums = np.einsum("ij->i", probs)  # the fastest of numpy's sums of short rows; NaN and infinity go through it
    fine = np.abs(sums - 1) <= ROW_SUM_SLACK
    if probs.size and not probs.min() >= 0:
        fine &= probs.min(axis=1) >= 0
    return np.asarray(fine)


def check_rows(probs: npt.NDArray[Any], *, name: str = "probs", where_of: Callable[[int], str] | None = None) -> None:
    """A ProbsError that names the first row that is no distribution, if there is one, and its place in a file."""
    step = max(1, _BYTES_AT_ONCE // max(1, probs.itemsize * probs.shape[1]))
    for start in range(0, len(probs), step):
        if not rows_are_fine(probs[start : start + step]).all():
            _refuse_rows(probs, start, step, name, where_of)


def _refuse_rows(
    probs: npt.NDArray[Any], start: int, step: int, name: str, where_of: Callable[[int], str] | None
) -> None:
    bad = start + int(np.flatnonzero(~rows_are_fine(probs[start : start + step]))[0])
    count = sum(int((~rows_are_fine(probs[at : at + step])).sum()) for at in range(start, len(probs), step))
    row = probs[bad]
    rule = _rule_broken(row)
    total = f", which sum to {float(row.sum()):.4g}," if "sum" in rule else ""
    place = f"{'' if where_of is None else f'{where_of(bad)}; '}{count} of {len(probs)} rows"
    raise ProbsError(
        name,
        rule,
        f"{np.array2string(row[:6], precision=3, separator=', ')}{total} in row {bad} ({place})",
        "Pass out-of-sample probabilities, one row per example, normalised over the classes.",
    )


def _rule_broken(row: npt.NDArray[Any]) -> str:
    if not np.isfinite(row).all():
        return "be finite"
    return "be at least 0" if row.min() < 0 else "have rows that sum to 1"


def check_labels(labels: npt.ArrayLike, n_classes: int, *, name: str = "labels") -> npt.NDArray[np.int64]:
    """Labels as int64 codes from 0 to ``n_classes - 1``, or a LabelsError."""
    codes = _check_codes(labels, name)
    if len(codes) and not 0 <= codes.min() <= codes.max() < n_classes:
        must = f"be integers from 0 to {n_classes - 1}, because probs has {n_classes} columns"
        fix = "Renumber them in the order of the columns of probs, from 0."
        refuse_cells((codes < 0) | (codes >= n_classes), codes, name, must, fix, LabelsError)
    return codes


def _check_codes(labels: npt.ArrayLike, name: str) -> npt.NDArray[np.int64]:
    array = np.asarray(labels)
    if array.ndim != 1 or array.dtype.kind not in "iub":
        raise LabelsError(
            name,
            "be a one-dimensional array of integers",
            f"shape {array.shape} of {array.dtype}",
            "Turn class names into codes: names, labels = numpy.unique(labels, return_inverse=True).",
        )
    return array.astype(np.int64, copy=False)


def check_labels_and_probs(
    labels: npt.ArrayLike, probs: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Both, of one length."""
    codes, array = check_shapes(labels, probs)
    check_labels(codes, array.shape[1])
    check_rows(array)
    return codes, array


def check_shapes(labels: npt.ArrayLike, probs: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Both, of one length; the codes and the rows of `probs` are left to the first pass over them."""
    array = check_probs_shape(probs)
    codes = _check_codes(labels, "labels")
    check_same_length(labels=codes, probs=array)
    return codes, array


def refuse_cells(
    bad: npt.NDArray[np.bool_],
    values: npt.NDArray[Any],
    name: str,
    must: str,
    fix: str,
    error: type[InputError] = InputError,
) -> None:
    """An error that names the first of the `bad` cells of an array of one or two axes, if there is one."""
    if not bad.any():
        return
    row, *column = np.argwhere(bad)[0].tolist()
    place = f"row {row}" + "".join(f", column {one}" for one in column)
    rows = np.asarray(bad.reshape(len(bad), -1).any(axis=1))
    raise error(name, must, f"{values.item(row, *column)!r} in {place} ({rows.sum()} of {len(rows)} rows)", fix)


def check_same_length(**arrays: npt.NDArray[Any]) -> None:
    """An InputError if the named arrays differ in their number of rows."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            " and ".join(lengths),
            "have one row for each example, the same number of rows",
            ", ".join(f"{n} rows in {name}" for name, n in lengths.items()),
            "Check that both come from the same rows, in the same order.",
        )


def check_count(name: str, value: Any, *, least: int = 0) -> int:
    """A whole number, `least` or more, or an InputError."""
    if not hasattr(value, "__index__") or operator.index(cast("SupportsIndex", value)) < least:
        raise InputError(
            name, f"be a whole number, {least} or more", repr(value), f"Pass an integer, e.g. {max(least, 1)}."
        )
    return operator.index(cast("SupportsIndex", value))


def check_seed_and_threads(seed: int, threads: int | None) -> None:
    """An InputError if the seed is below 0 or the number of threads below 1; None = the default number."""
    check_count("seed", seed)
    if threads is not None:
        check_count("threads", threads, least=1)


def check_counts(name: str, values: Sequence[int] | int) -> npt.NDArray[np.int64]:
    """Whole numbers, 0 or more, none smaller than the one before; one number counts as a list of it."""
    listed = list(values) if isinstance(values, Sequence | np.ndarray) else [values]
    counts = np.array([check_count(name, one) for one in listed], dtype=np.int64)
    if (np.diff(counts) < 0).any():
        raise InputError(name, "be numbers of rows that grow", str(counts.tolist()), "Pass e.g. [50, 100, 200].")
    return counts
