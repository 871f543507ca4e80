"""cleanlab's ``internal.multilabel_utils``: sets of classes as columns of 0 and 1, and as pairs of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels, check_same_length, refuse_cells
from dechaff.errors import InputError, LabelsError, ProbsError
from dechaff.typing import Labels, Probs


def int2onehot(labels: Any, K: int) -> npt.NDArray[np.int64]:
    """The classes of each row as (n, K) of 0 and 1."""
    rows = list(labels)
    place = next((place for place, row in enumerate(rows) if np.ndim(row) != 1), None)
    if place is not None:
        found, fix = f"{rows[place]!r} in row {place}", "Use onehot2int for a matrix of 0 and 1."
        raise LabelsError("labels", "be one list of classes for each row", found, fix)
    lengths = [len(row) for row in rows]
    codes = check_labels(np.array([code for row in rows for code in row], dtype=np.int64), K)
    matrix = np.zeros((len(rows), K), dtype=np.int64)
    matrix[np.repeat(np.arange(len(rows)), lengths), codes] = 1
    return matrix


def onehot2int(onehot_matrix: Any) -> list[list[int]]:
    """The classes of each row of an (n, k) matrix of 0 and 1."""
    return [np.flatnonzero(row).tolist() for row in onehot_matrix]


def stack_complement(pred_prob_slice: Any) -> Probs:
    """(n, 2): not there, there."""
    return np.stack([1 - pred_prob_slice, pred_prob_slice], axis=1)


def get_onehot_num_classes(labels: Any, pred_probs: Any = None) -> tuple[npt.NDArray[np.int64], int]:
    """`int2onehot`, and the number of classes."""
    if pred_probs is not None:
        return int2onehot(labels, np.shape(pred_probs)[-1]), np.shape(pred_probs)[-1]
    k = max((max(row, default=-1) for row in labels if np.ndim(row)), default=-1) + 1
    return int2onehot(labels, k), k


def as_binary(labels: Any, pred_probs: Any) -> list[tuple[Labels, Probs]]:
    """Labels (n,) and probabilities (n, 2) of each class, there or not there."""
    chances = np.asarray(pred_probs)
    if chances.ndim != 2 or chances.dtype.kind not in "fiub":
        found, fix = f"shape {chances.shape} of {chances.dtype}", "Stack the probability of every class."
        raise InputError("pred_probs", "be numbers (n, k), one column for each class", found, fix)
    must, fix = "be from 0 to 1", "Pass the probability of each class to be there."
    refuse_cells(~((chances >= 0) & (chances <= 1)), chances, "pred_probs", must, fix, ProbsError)
    there, _ = get_onehot_num_classes(labels, chances)
    check_same_length(labels=there, pred_probs=chances)
    return [(given, stack_complement(chance)) for given, chance in zip(there.T, chances.T, strict=True)]
