"""The second training: models that learn from each unlabelled row as both classes, weighted by its probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.pipeline import Pipeline

from dechaff.estimators.pu.meta_estimator import PURows
from dechaff.estimators.training_rows import take
from dechaff.methods.pu.weighted_unlabelled import matched_weights, weighted_rows
from dechaff.models.teaching.online_linear import OnlineLinearClassifier
from dechaff.typing import Groups, Mask, Numbers


@dataclass(frozen=True)
class MeanOfModels:
    """A classifier that averages the probabilities of fitted models with the same classes.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> models = [DummyClassifier().fit([[0]] * 4, [0] * n + [1] * (4 - n)) for n in (1, 2)]
    >>> MeanOfModels(tuple(models)).predict_proba([[0]])
    array([[0.375, 0.625]])
    """

    models: tuple[Any, ...]

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """(n, k) probabilities; rows sum to 1."""
        total = np.asarray(self.models[0].predict_proba(X), dtype=np.float64)
        for model in self.models[1:]:
            total = total + model.predict_proba(X)
        return np.asarray(total / len(self.models))

    def __getattr__(self, name: str) -> Any:
        """Feature attributes of the first model."""
        if name in ("n_features_in_", "feature_names_in_"):
            return getattr(self.models[0], name)
        raise AttributeError(name)


ROUNDS = 2
NEVER_SURE = 1 - 1e-9
"""Largest weight of an unlabelled row as a positive, so that its weight as a negative is above 0."""


def is_linear(estimator: Any) -> bool:
    """Whether a classifier is linear, also at the end of a pipeline or inside a search.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from dechaff.estimators.weighted_fit import default_model
    >>> is_linear(default_model()), is_linear(RandomForestClassifier())
    (True, False)
    """
    if isinstance(estimator, Pipeline):
        return is_linear(estimator.steps[-1][1])
    inner = getattr(estimator, "estimator", None)
    if hasattr(inner, "fit"):
        return is_linear(inner)
    return isinstance(estimator, LinearClassifierMixin | OnlineLinearClassifier)


def weighted_model(rows: PURows, model: Any, probs: Numbers, kept: Mask | None = None) -> Any:
    """A fresh model that separates positives (1) from negatives (0).

    Parameters
    ----------
    rows : n rows
    model : scikit-learn classifier that takes weights
    probs : (n,) float in [0, 1]
        Probability that each unlabelled row is positive.
    kept : (n,) bool, or None for all
        Rows to train on.

    Source
    ------
    Elkan, Noto (2008), KDD, section 3, the weighted method.
    """
    places, targets, row_weights = weighted_rows(rows.labelled, np.minimum(probs, NEVER_SURE))
    chosen = slice(None) if kept is None else kept[places]
    return rows.fitted(model, targets[chosen], rows=places[chosen], row_weights=row_weights[chosen])


def averaged_models(rows: PURows, model: Any, probs: Numbers, folds: Groups, c: float) -> MeanOfModels:
    """The mean of models that are each trained on all folds but one, in two rounds.

    The second round uses the out-of-fold predictions of the first: those models were trained on the class itself, so
    their probabilities are better than `probs`, which come from a model of the labels.

    Parameters
    ----------
    rows : n rows
    model : scikit-learn classifier that takes weights
    probs : (n,) float in [0, 1]
        Probability that each unlabelled row is positive, for the first round.
    folds : (n,) int
        Fold of each row.
    c : float in (0, 1]
        Probability that a positive is labelled.

    Source
    ------
    This library: Elkan and Noto's weighted method, repeated and averaged over folds.
    """
    models: list[Any] = []
    for _ in range(ROUNDS):
        if models:
            probs = matched_weights(c * _out_of_fold(models, rows.X, folds), rows.labelled, c, weights=rows.weights)
        models += [weighted_model(rows, model, probs, folds != fold) for fold in np.unique(folds)]
    return MeanOfModels(tuple(models))


def _out_of_fold(models: list[Any], X: Any, folds: Groups) -> npt.NDArray[np.float64]:
    """(n,) p(y = 1 | x) of each row by the model that has not seen it; models in the order of the folds."""
    probs = np.empty(len(folds))
    for model, fold in zip(models, np.unique(folds), strict=True):
        held_out = np.flatnonzero(folds == fold)
        probs[held_out] = np.clip(model.predict_proba(take(X, held_out))[:, 1], 0, 1)
    return probs
