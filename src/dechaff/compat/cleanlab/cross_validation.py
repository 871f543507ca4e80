"""The functions of cleanlab's ``count`` that train: probabilities of rows that the model has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from dechaff.checks import check_labels, check_probs
from dechaff.compat.cleanlab.joint import compute_confident_joint, estimate_latent
from dechaff.errors import LabelsError
from dechaff.records.keywords import takes
from dechaff.typing import ClassMatrix, ClassVector, Labels, Probs

Validation = Callable[[Any, Any], Mapping[str, Any]]


def estimate_cv_predicted_probabilities(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    seed: int | None = None,
    clf_kwargs: Mapping[str, Any] | None = None,
    validation_func: Validation | None = None,
) -> Probs:
    """Probabilities (n, k) of every row from a copy of the model that has not seen it.

    The folds are scikit-learn's stratified ones, shuffled by `seed`. A class that no training row of a fold has gets
    the probability 0 there: the model has not seen it.
    """
    from sklearn.model_selection import StratifiedKFold
    from sklearn.utils import _safe_indexing as rows_of

    codes = _codes(labels)
    probs = np.zeros((len(codes), int(codes.max()) + 1))
    folds = StratifiedKFold(cv_n_folds, shuffle=True, random_state=seed)
    for train, held_out in folds.split(np.zeros(len(codes)), codes):
        unseen = rows_of(X, held_out)
        extra = {} if validation_func is None else validation_func(unseen, codes[held_out])
        model = _copy_of(clf).fit(rows_of(X, train), codes[train], **(clf_kwargs or {}), **extra)
        probs[np.ix_(held_out, model.classes_)] = model.predict_proba(unseen)
    return check_probs(probs)


def _copy_of(clf: Any) -> Any:
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression() if clf is None else clone(clf)


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


class _Folds:
    """How out-of-sample probabilities are made. Each record lists its fields in the order of cleanlab's keywords."""

    def probs(self, X: Any, labels: Any) -> Probs:
        given: Any = self
        return estimate_cv_predicted_probabilities(
            X,
            labels,
            given.clf,
            cv_n_folds=given.cv_n_folds,
            seed=given.seed,
            clf_kwargs=given.clf_kwargs,
            validation_func=given.validation_func,
        )


@dataclass(frozen=True)
class _JointFolds(_Folds):
    clf: Any = None
    _: KW_ONLY
    cv_n_folds: int = 5
    thresholds: Any = None
    seed: int | None = None
    calibrate: bool = True
    clf_kwargs: Mapping[str, Any] | None = None
    validation_func: Validation | None = None


@dataclass(frozen=True)
class _NoiseFolds(_Folds):
    clf: Any = None
    _: KW_ONLY
    cv_n_folds: int = 5
    thresholds: Any = None
    converge_latent_estimates: bool = True
    seed: int | None = None
    clf_kwargs: Mapping[str, Any] | None = None
    validation_func: Validation | None = None


@dataclass(frozen=True)
class _LatentFolds(_Folds):
    clf: Any = None
    _: KW_ONLY
    cv_n_folds: int = 5
    thresholds: Any = None
    converge_latent_estimates: bool = False
    py_method: str = "cnt"
    seed: int | None = None
    clf_kwargs: Mapping[str, Any] | None = None
    validation_func: Validation | None = None


@takes(_JointFolds, 2)
def estimate_confident_joint_and_cv_pred_proba(X: Any, labels: Any, folds: _JointFolds) -> tuple[Any, Probs]:
    """The confident joint, and the probabilities that it was counted from."""
    probs = folds.probs(X, labels)
    return compute_confident_joint(labels, probs, thresholds=folds.thresholds, calibrate=folds.calibrate), probs


@takes(_LatentFolds, 2)
def estimate_py_noise_matrices_and_cv_pred_proba(
    X: Any, labels: Any, folds: _LatentFolds
) -> tuple[ClassVector, ClassMatrix, ClassMatrix, Any, Probs]:
    """Prior, noise matrix, its inverse, confident joint, and the probabilities that they were estimated from."""
    probs = folds.probs(X, labels)
    joint = compute_confident_joint(labels, probs, thresholds=folds.thresholds)
    converge = folds.converge_latent_estimates
    latents = estimate_latent(joint, labels, py_method=folds.py_method, converge_latent_estimates=converge)
    return *latents, joint, probs


@takes(_NoiseFolds, 2)
def estimate_noise_matrices(X: Any, labels: Any, folds: _NoiseFolds) -> tuple[ClassMatrix, ClassMatrix]:
    """Noise matrix and its inverse."""
    joint = compute_confident_joint(labels, folds.probs(X, labels), thresholds=folds.thresholds)
    return estimate_latent(joint, labels, converge_latent_estimates=folds.converge_latent_estimates)[1:3]
