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
    """The mean of the probabilities of models that have learnt the same classes.

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
        """What the models know of their columns."""
        if name in ("n_features_in_", "feature_names_in_"):
            return getattr(self.models[0], name)
        raise AttributeError(name)


ROUNDS = 2
NEVER_SURE = 1 - 1e-9
"""The most that an unlabelled row counts as positive, so that there is always a negative to learn from."""


def is_linear(estimator: Any) -> bool:
    """Whether a model of scikit-learn or of this package is linear, also at the end of a pipeline or inside a search.

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


def weighted_model(rows: PURows, model: Any, chances: Numbers, kept: Mask | None = None) -> Any:
    """A fresh model of positive (1) and negative (0), trained on the rows that are kept; all where it is None.

    Parameters
    ----------
    rows : n rows
    model : scikit-learn classifier that takes weights
    chances : (n,) float from 0 to 1
        Of each unlabelled row to be positive.
    kept : (n,) bool
    """
    places, targets, row_weights = weighted_rows(rows.labelled, np.minimum(chances, NEVER_SURE))
    chosen = slice(None) if kept is None else kept[places]
    return rows.fitted(model, targets[chosen], rows=places[chosen], row_weights=row_weights[chosen])


def averaged_models(rows: PURows, model: Any, chances: Numbers, folds: Groups, c: float) -> MeanOfModels:
    """The mean of models that each have learnt from all folds but one, in two rounds.

    In the second round, chances follow from what the models of the first say of the rows that they have not seen: they
    have learnt the class itself, and know more of it than the model of the labels that the first chances are from.

    Parameters
    ----------
    rows : n rows
    model : scikit-learn classifier that takes weights
    chances : (n,) float from 0 to 1
        Of each unlabelled row to be positive; for the first round.
    folds : (n,) int
        Number of each row's fold.
    c : float in (0, 1]
        Chance that a positive is labelled.
    """
    models: list[Any] = []
    for _ in range(ROUNDS):
        if models:
            said = _out_of_fold(models, rows.X, folds)
            chances = matched_weights(c * said, rows.labelled, c, weights=rows.weights)
        models += [weighted_model(rows, model, chances, folds != fold) for fold in np.unique(folds)]
    return MeanOfModels(tuple(models))


def _out_of_fold(models: list[Any], X: Any, folds: Groups) -> npt.NDArray[np.float64]:
    """p(y = 1 | x) of each row, by the model that has not seen it; models in the order of the folds."""
    said = np.empty(len(folds))
    for model, fold in zip(models, np.unique(folds), strict=True):
        held_out = np.flatnonzero(folds == fold)
        said[held_out] = np.clip(model.predict_proba(take(X, held_out))[:, 1], 0, 1)
    return said
