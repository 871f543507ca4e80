"""Inputs checked once, where they enter; everything below trusts its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError, LabelsError, ProbsError

ROW_SUM_SLACK = 1e-3
"""How far a row of probabilities may be from one: float16 files are off by some 5e-4."""


def check_probs(probs: npt.ArrayLike, *, name: str = "probs") -> npt.NDArray[np.float64]:
    """Probabilities as a float64 (n, k) array whose rows sum to one, or a ProbsError."""
    array = np.asarray(probs)
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fiub":
        raise ProbsError(
            name,
            "be a numeric (n, k) array with one column a class, k >= 2",
            f"shape {array.shape} of {array.dtype}",
            "Stack the probability of every class, one column each.",
        )
    values = array.astype(np.float64)
    _refuse_rows(np.asarray(~np.isfinite(values).all(axis=1)), values, name, "be finite")
    _refuse_rows(np.asarray((values < 0).any(axis=1)), values, name, "be at least 0")
    sums = values.sum(axis=1)
    _refuse_rows(np.abs(sums - 1) > ROW_SUM_SLACK, values, name, "have rows that sum to 1")
    return np.asarray(values / sums[:, None])


def _refuse_rows(bad: npt.NDArray[np.bool_], values: npt.NDArray[Any], name: str, must: str) -> None:
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    shown = np.array2string(values[row][:6], precision=3, separator=", ")
    raise ProbsError(
        name,
        must,
        f"{shown} in row {row} ({int(bad.sum())} such rows of {len(bad)})",
        "Hand in out-of-sample probabilities, one row an example, normalised over the classes.",
    )


def check_labels(labels: npt.ArrayLike, n_classes: int, *, name: str = "labels") -> npt.NDArray[np.int64]:
    """Labels as int64 codes from 0 to ``n_classes - 1``, or a LabelsError."""
    array = np.asarray(labels)
    if array.ndim != 1 or array.dtype.kind not in "iub":
        raise LabelsError(
            name,
            "be a one-dimensional array of integers",
            f"shape {array.shape} of {array.dtype}",
            "Turn class names into codes with encode_labels(labels).",
        )
    codes = array.astype(np.int64)
    bad = (codes < 0) | (codes >= n_classes)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise LabelsError(
            name,
            f"be integers from 0 to {n_classes - 1}, because probs has {n_classes} columns",
            f"{codes[row]} in row {row} ({len(codes)} rows in all)",
            "Renumber them with encode_labels(labels).",
        )
    return codes


def check_labels_and_probs(
    labels: npt.ArrayLike, probs: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Both, of one length."""
    checked = check_probs(probs)
    codes = check_labels(labels, checked.shape[1])
    check_same_length(labels=codes, probs=checked)
    return codes, checked


def check_same_length(**arrays: npt.NDArray[Any]) -> None:
    """An InputError where the named arrays differ in their number of rows."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            " and ".join(lengths),
            "have one row for each example, the same number of rows",
            ", ".join(f"{n} rows in {name}" for name, n in lengths.items()),
            "Check that both come from the same rows, in the same order.",
        )
