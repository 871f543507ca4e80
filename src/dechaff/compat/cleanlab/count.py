"""cleanlab's ``count``: thresholds, confident joint, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels, check_labels_and_probs, check_probs
from dechaff.compat.cleanlab.arguments import chosen, read_joint, refuse_no_rows
from dechaff.compat.cleanlab.internal.multilabel_utils import as_binary, get_onehot_num_classes
from dechaff.core.kernels.row_classes import pairs_counted
from dechaff.errors import InputError, LabelsError
from dechaff.methods.label_errors.confident_joint import ArgmaxClass, with_some_diagonal
from dechaff.methods.label_errors.confident_thresholds import LEAST_THRESHOLD, confident_thresholds
from dechaff.methods.label_errors.latents import (
    Latents,
    converged_latents,
    inverse_noise_matrix,
    noise_matrix,
    prior_by_inversion,
    prior_from_diagonals,
    prior_from_given,
    prior_from_joint,
)
from dechaff.methods.label_errors.pruning import ConfidentCounts, confident_counts, flags_off_diagonal
from dechaff.records.keywords import takes, with_options
from dechaff.typing import ClassMatrix, ClassVector, Labels, Probs

Counts = npt.NDArray[np.int64]


def round_preserving_row_totals(counts: ClassMatrix) -> Counts:
    """Whole numbers near `counts` (k, k) whose rows keep their sums, rounded.

    Each is rounded to the nearest, a half to the even one. What a row then lacks goes to those that were rounded down
    by most, the *higher* class first among equals; what it has too much is taken from those that were rounded up by
    most, the lower class first: as cleanlab's sort has it wherever that is stable.

    Examples
    --------
    >>> round_preserving_row_totals(np.array([[1.25, 1.25, 0.5], [1.5, 1.5, 0.0], [0.0, 0.0, 2.0]]))
    array([[1, 1, 1],
           [1, 2, 0],
           [0, 0, 2]])
    """
    rows, columns = np.nonzero(counts)
    return rounded_cells(rows, columns, counts[rows, columns], len(counts))


def rounded_cells(rows: Labels, columns: Labels, values: npt.NDArray[np.float64], k: int) -> Counts:
    """The same for the cells that are not empty, row by row: of many classes, most are."""
    whole = np.rint(values)
    lacking = np.rint(np.bincount(rows, values, k)) - np.bincount(rows, whole, k)
    off, step = values - whole, np.sign(lacking)[rows]
    movable = np.flatnonzero(off * step > 0)
    order = movable[np.lexsort((-(columns * step)[movable], -np.abs(off[movable]), rows[movable]))]
    rank = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
    moved = order[rank < np.abs(lacking)[rows[order]]]
    whole[moved] += step[moved]
    rounded = np.zeros((k, k), dtype=np.int64)
    rounded[rows, columns] = whole
    return rounded


NEVER = 2.0
"""cleanlab's threshold of a class that no row is labelled with."""
_TINY = 1e-100
"""Stands in for the sum of a joint of zeros, which it leaves zeros."""


def counted_as_cleanlab(labels: Any, pred_probs: Any) -> ConfidentCounts:
    """Thresholds, joint and candidates, by cleanlab's rule for rows that reach several thresholds."""
    return confident_counts(np.asarray(labels), pred_probs, confident_class=ArgmaxClass)


def get_confident_thresholds(labels: Any, pred_probs: Any, multi_label: bool = False) -> ClassVector:
    """Threshold (k,) of each class: its mean probability in the rows that are labelled with it.

    With `multi_label`, (k, 2): of each class not being there, and being there.
    """
    if multi_label:
        return np.array([get_confident_thresholds(*one) for one in as_binary(labels, pred_probs)])
    means = confident_thresholds(*check_labels_and_probs(labels, pred_probs))
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
    """Counts (k, k) of rows by given label and the class seen in them; with them, the rows where the two differ.

    With `multi_label`, (k, 2, 2): of each class by itself.
    """
    if multi_label:
        compute = partial(compute_confident_joint, thresholds=thresholds, calibrate=calibrate)
        found = [compute(*one, return_indices_of_off_diagonals=True) for one in as_binary(labels, pred_probs)]
        joints, rows = np.array([joint for joint, _ in found]), [rows for _, rows in found]
        return (joints, rows) if return_indices_of_off_diagonals else joints
    if thresholds is None:
        counted = counted_as_cleanlab(labels, pred_probs)
        codes, seen, joint = counted.labels, counted.confident, counted.joint
    else:
        codes, probs = check_labels_and_probs(labels, pred_probs)
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
        raise InputError("thresholds", f"contain a number for each of the {n_classes} classes", repr(thresholds), fix)
    return array.astype(np.float64)


def calibrate_confident_joint(confident_joint: Any, labels: Any, *, multi_label: bool = False) -> Counts:
    """The joint with each row scaled to the number of its labels, in whole rows."""
    if multi_label:
        there, _ = get_onehot_num_classes(labels, np.empty((0, len(confident_joint))))
        pairs = zip(confident_joint, there.T, strict=True)
        return np.array([calibrate_confident_joint(np.asarray(joint), one) for joint, one in pairs])
    joint = read_joint(confident_joint)
    k = len(joint)
    counts = np.bincount(check_labels(labels, k), minlength=k)
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
    if multi_label:
        if confident_joint is None:
            confident_joint = compute_confident_joint(labels, pred_probs, multi_label=True)
        joints = calibrate_confident_joint(confident_joint, labels, multi_label=True)
        return np.asarray(joints / joints.sum(axis=(1, 2), keepdims=True))
    if confident_joint is None:
        joint = compute_confident_joint(labels, pred_probs)
    else:
        joint = read_joint(confident_joint) if labels is None else calibrate_confident_joint(confident_joint, labels)
    refuse_no_rows(np.sum(joint))
    return np.asarray(joint / np.sum(joint))


_PRIOR: dict[str, Callable[[ClassVector, Latents, ClassMatrix], ClassVector]] = {
    "cnt": lambda shares, of, joint: prior_from_diagonals(shares, of.noise, of.inverse_noise),
    "eqn": lambda shares, of, joint: prior_by_inversion(shares, of.noise),
    "marginal": lambda shares, of, joint: prior_from_joint(joint),
    "marginal_ps": lambda shares, of, joint: prior_from_given(shares, of.inverse_noise),
}


def estimate_latent(
    confident_joint: Any, labels: Any, *, py_method: str = "cnt", converge_latent_estimates: bool = False
) -> tuple[ClassVector, ClassMatrix, ClassMatrix]:
    """Prior (k,), noise matrix p(given | true) and its inverse p(true | given)."""
    prior = chosen(_PRIOR, py_method, "py_method")
    joint = read_joint(confident_joint)
    codes = check_labels(labels, len(joint))
    refuse_no_rows(len(codes))
    shares = np.bincount(codes, minlength=len(joint)) / len(codes)
    found = Latents(shares, noise_matrix(joint), inverse_noise_matrix(joint))
    found = Latents(prior(shares, found, joint), found.noise, found.inverse_noise)
    found = converged_latents(found, shares) if converge_latent_estimates else found
    return found.prior, found.noise, found.inverse_noise


def num_label_issues(
    labels: Any,
    pred_probs: Any,
    *,
    confident_joint: Any = None,
    estimation_method: str = "off_diagonal",
    multi_label: bool = False,
) -> int:
    """Number of label issues, counted in the joint if one is passed."""
    if multi_label:
        from dechaff.compat.cleanlab.filter import find_label_issues  # which needs this module

        flags = find_label_issues(
            labels, pred_probs, filter_by="confident_learning", confident_joint=confident_joint, multi_label=True
        )
        return int(flags.sum())
    count = chosen(_COUNT, estimation_method, "estimation_method")
    if confident_joint is None:
        return count(labels, pred_probs)
    return rows_off_diagonal(estimate_joint(labels, None, confident_joint=confident_joint), len(labels))


def rows_off_diagonal(joint: ClassMatrix, n: int) -> int:
    """How many of n rows are off the diagonal of the joint."""
    return int(np.rint((1 - np.trace(joint)) * n))


def _off_diagonal(labels: Any, pred_probs: Any) -> int:
    counted = counted_as_cleanlab(labels, pred_probs)
    return int(flags_off_diagonal(counted.labels, counted.confident, counted.doubted).sum())


def _off_diagonal_custom(labels: Any, pred_probs: Any) -> int:
    raise InputError(
        "confident_joint",
        "be passed with estimation_method='off_diagonal_custom'",
        "None",
        "Pass it, or choose 'off_diagonal' or 'off_diagonal_calibrated'.",
    )


_COUNT: dict[str, Callable[[Any, Any], int]] = {
    "off_diagonal": _off_diagonal,
    "off_diagonal_calibrated": lambda labels, probs: rows_off_diagonal(estimate_joint(labels, probs), len(labels)),
    "off_diagonal_custom": _off_diagonal_custom,
}


Validation = Callable[[Any, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class _Folds:
    """How out-of-sample probabilities are made and what is estimated from them, in the order of cleanlab's keywords."""

    clf: Any = None
    _: KW_ONLY
    cv_n_folds: int = 5
    thresholds: Any = None
    converge_latent_estimates: bool = False
    py_method: str = "cnt"
    seed: int | None = None
    calibrate: bool = True
    clf_kwargs: Mapping[str, Any] | None = None
    validation_func: Validation | None = None


@dataclass(frozen=True)
class _ConvergedFolds(_Folds):
    _: KW_ONLY
    converge_latent_estimates: bool = True


@takes(_Folds, without=("thresholds", "converge_latent_estimates", "py_method", "calibrate"))
def estimate_cv_predicted_probabilities(X: Any, labels: Any, folds: _Folds) -> Probs:
    """Probabilities (n, k) of every row from a copy of the model that has not seen it.

    The folds are scikit-learn's stratified ones, shuffled by `seed`. A class that no training row of a fold has gets
    the probability 0 there: the model has not seen it.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold
    from sklearn.utils import _safe_indexing as rows_of

    from dechaff.estimators.weighted_fit import fit_fresh

    codes, clf = _codes(labels), LogisticRegression() if folds.clf is None else folds.clf
    probs = np.zeros((len(codes), int(codes.max()) + 1))
    splits = StratifiedKFold(folds.cv_n_folds, shuffle=True, random_state=folds.seed)
    for train, held_out in splits.split(np.zeros(len(codes)), codes):
        unseen = rows_of(X, held_out)
        extra = {} if folds.validation_func is None else folds.validation_func(unseen, codes[held_out])
        model = fit_fresh(clf, rows_of(X, train), codes[train], options={**(folds.clf_kwargs or {}), **extra})
        predicted = np.asarray(model.predict_proba(unseen))
        seen = np.arange(probs.shape[1]) if predicted.shape == probs[held_out].shape else np.unique(codes[train])
        probs[np.ix_(held_out, getattr(model, "classes_", seen))] = predicted
    return check_probs(probs)


_probs_of = with_options(estimate_cv_predicted_probabilities)


def _codes(labels: Any) -> Labels:
    array = np.asarray(labels)
    if array.dtype.kind not in "iub" or len(np.unique(array)) < 2:
        raise LabelsError(
            "labels",
            "be codes 0, 1, … of two classes at least",
            f"{len(np.unique(array))} values of {array.dtype}",
            "Use dechaff.compat.cleanlab.CleanLearning, which takes class names, too.",
        )
    return check_labels(array, int(array.max()) + 1)


@takes(_ConvergedFolds, without=("clf", "cv_n_folds", "seed", "clf_kwargs", "validation_func"))
def estimate_py_and_noise_matrices_from_probabilities(
    labels: Any, pred_probs: Any, by: _Folds
) -> tuple[ClassVector, ClassMatrix, ClassMatrix, Counts]:
    """The three of `estimate_latent`, and the confident joint."""
    joint = compute_confident_joint(labels, pred_probs, thresholds=by.thresholds, calibrate=by.calibrate)
    converge = by.converge_latent_estimates
    return *estimate_latent(joint, labels, py_method=by.py_method, converge_latent_estimates=converge), joint


_estimated = with_options(estimate_py_and_noise_matrices_from_probabilities)


@takes(_Folds, without=("converge_latent_estimates", "py_method"))
def estimate_confident_joint_and_cv_pred_proba(X: Any, labels: Any, folds: _Folds) -> tuple[Any, Probs]:
    """The confident joint, and the probabilities that it was counted from."""
    probs = _probs_of(X, labels, folds)
    return compute_confident_joint(labels, probs, thresholds=folds.thresholds, calibrate=folds.calibrate), probs


@takes(_Folds, without=("calibrate",))
def estimate_py_noise_matrices_and_cv_pred_proba(
    X: Any, labels: Any, folds: _Folds
) -> tuple[ClassVector, ClassMatrix, ClassMatrix, Any, Probs]:
    """Prior, noise matrix, its inverse, confident joint, and the probabilities that they were estimated from."""
    probs = _probs_of(X, labels, folds)
    return *_estimated(labels, probs, folds), probs


@takes(_ConvergedFolds, without=("py_method", "calibrate"))
def estimate_noise_matrices(X: Any, labels: Any, folds: _ConvergedFolds) -> tuple[ClassMatrix, ClassMatrix]:
    """Noise matrix and its inverse."""
    return _estimated(labels, _probs_of(X, labels, folds), folds)[1:3]
