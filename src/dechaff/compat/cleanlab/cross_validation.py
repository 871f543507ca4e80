"""The functions of cleanlab's ``count`` that train: probabilities of rows that the model has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dechaff.checks import check_labels, check_probs
from dechaff.compat.cleanlab.joint import compute_confident_joint, estimate_latent
from dechaff.errors import LabelsError
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


def estimate_confident_joint_and_cv_pred_proba(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Any = None,
    seed: int | None = None,
    calibrate: bool = True,
    clf_kwargs: Mapping[str, Any] | None = None,
    validation_func: Validation | None = None,
) -> tuple[Any, Probs]:
    """The confident joint, and the probabilities that it was counted from."""
    probs = estimate_cv_predicted_probabilities(
        X, labels, clf, cv_n_folds=cv_n_folds, seed=seed, clf_kwargs=clf_kwargs, validation_func=validation_func
    )
    return compute_confident_joint(labels, probs, thresholds=thresholds, calibrate=calibrate), probs


def estimate_py_noise_matrices_and_cv_pred_proba(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Any = None,
    converge_latent_estimates: bool = False,
    py_method: str = "cnt",
    seed: int | None = None,
    clf_kwargs: Mapping[str, Any] | None = None,
    validation_func: Validation | None = None,
) -> tuple[ClassVector, ClassMatrix, ClassMatrix, Any, Probs]:
    """Prior, noise matrix, its inverse, confident joint, and the probabilities that they were estimated from."""
    joint, probs = estimate_confident_joint_and_cv_pred_proba(
        X,
        labels,
        clf,
        cv_n_folds=cv_n_folds,
        thresholds=thresholds,
        seed=seed,
        clf_kwargs=clf_kwargs,
        validation_func=validation_func,
    )
    latents = estimate_latent(joint, labels, py_method=py_method, converge_latent_estimates=converge_latent_estimates)
    return *latents, joint, probs


def estimate_noise_matrices(
    X: Any,
    labels: Any,
    clf: Any = None,
    *,
    cv_n_folds: int = 5,
    thresholds: Any = None,
    converge_latent_estimates: bool = True,
    seed: int | None = None,
    clf_kwargs: Mapping[str, Any] | None = None,
    validation_func: Validation | None = None,
) -> tuple[ClassMatrix, ClassMatrix]:
    """Noise matrix and its inverse."""
    return estimate_py_noise_matrices_and_cv_pred_proba(
        X,
        labels,
        clf,
        cv_n_folds=cv_n_folds,
        thresholds=thresholds,
        converge_latent_estimates=converge_latent_estimates,
        seed=seed,
        clf_kwargs=clf_kwargs,
        validation_func=validation_func,
    )[1:3]
