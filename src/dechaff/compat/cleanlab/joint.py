"""cleanlab's thresholds and confident joint."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import (
    read_joint,
    read_labels,
    read_labels_and_probs,
    refuse_multi_label,
    refuse_no_rows,
)
from dechaff.compat.cleanlab.rounding import rounded_cells
from dechaff.core.kernels.row_classes import pairs_counted
from dechaff.errors import InputError
from dechaff.methods.label_errors.argmax_joint import ArgmaxClass
from dechaff.methods.label_errors.calibrated_joint import with_some_diagonal
from dechaff.methods.label_errors.confident_counts import ConfidentCounts, confident_counts
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.methods.label_errors.reached_classes import LEAST_THRESHOLD
from dechaff.typing import ClassMatrix, ClassVector

Counts = npt.NDArray[np.int64]

NEVER = 2.0
"""cleanlab's threshold of a class that no row is labelled with."""
_TINY = 1e-100
"""Stands in for the sum of a joint of zeros, which it leaves zeros."""


def counted_as_cleanlab(labels: Any, pred_probs: Any) -> ConfidentCounts:
    """Thresholds, joint and candidates, by cleanlab's rule for rows that reach several thresholds."""
    return confident_counts(np.asarray(labels), pred_probs, confident_class=ArgmaxClass)


def get_confident_thresholds(labels: Any, pred_probs: Any, multi_label: bool = False) -> ClassVector:
    """Threshold (k,) of each class: its mean probability in the rows that are labelled with it."""
    refuse_multi_label(multi_label)
    means = confident_thresholds(*read_labels_and_probs(labels, pred_probs))
    return np.where(np.isfinite(means), np.maximum(means, LEAST_THRESHOLD), NEVER)


def compute_confident_joint(
    labels: Any,
    pred_probs: Any,
    *,
    thresholds: Any = None,
    calibrate: bool = True,
    multi_label: bool = False,
    return_indices_of_off_diagonals: bool = False,
) -> Any:
    """Counts (k, k) of rows by given label and the class seen in them; with them, the rows where the two differ."""
    refuse_multi_label(multi_label)
    if thresholds is None:
        counted = counted_as_cleanlab(labels, pred_probs)
        codes, seen, joint = counted.labels, counted.confident, counted.joint
    else:
        codes, probs = read_labels_and_probs(labels, pred_probs)
        seen = ArgmaxClass(_read_thresholds(thresholds, probs.shape[1])).rows({"probs": probs})
        joint = pairs_counted(codes, seen, probs.shape[1])
    joint = with_some_diagonal(joint)
    joint = calibrated(joint, np.bincount(codes, minlength=len(joint))) if calibrate else joint
    if return_indices_of_off_diagonals:
        return joint, np.flatnonzero((seen >= 0) & (seen != codes))
    return joint


def _read_thresholds(thresholds: Any, n_classes: int) -> ClassVector:
    array = np.asarray(thresholds)
    if array.shape != (n_classes,) or array.dtype.kind not in "iuf" or np.isnan(array).any():
        fix = "Leave them out, or take those of get_confident_thresholds."
        raise InputError("thresholds", f"hold a number for each of the {n_classes} classes", repr(thresholds), fix)
    return array.astype(np.float64)


def calibrate_confident_joint(confident_joint: Any, labels: Any, *, multi_label: bool = False) -> Counts:
    """The joint with each row scaled to the number of its labels, in whole rows."""
    refuse_multi_label(multi_label)
    joint = read_joint(confident_joint)
    k = len(joint)
    counts = np.bincount(read_labels(labels, k), minlength=k)
    return calibrated(joint, counts, by_columns=not joint.flags.c_contiguous)


def calibrated(joint: Counts, class_counts: Counts, *, by_columns: bool = True) -> Counts:
    """The same, from the numbers of labels.

    In cleanlab's order of operations, and of memory, which decides about the last digit of the sum: halves are rounded
    by it. Its own joints lie in memory column by column.
    """
    k = len(joint)
    rows, columns = np.nonzero(joint)
    scaled = joint[rows, columns] / joint.sum(axis=1)[rows] * class_counts[rows]
    in_memory = np.zeros(k * k)
    in_memory[columns * k + rows if by_columns else rows * k + columns] = scaled
    scaled = scaled / max(float(in_memory.sum()), _TINY) * class_counts.sum()
    return rounded_cells(rows, columns, scaled, k)


def estimate_joint(
    labels: Any, pred_probs: Any, *, confident_joint: Any = None, multi_label: bool = False
) -> ClassMatrix:
    """Shares (k, k) of all rows by given label and true class."""
    refuse_multi_label(multi_label)
    if confident_joint is None:
        joint = compute_confident_joint(labels, pred_probs)
    else:
        joint = read_joint(confident_joint) if labels is None else calibrate_confident_joint(confident_joint, labels)
    refuse_no_rows(np.sum(joint))
    return np.asarray(joint / np.sum(joint))
