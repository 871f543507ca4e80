"""Bagging from labelled positives and unlabelled rows as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import row_hash
from dechaff.errors import InputError
from dechaff.estimators.content_folds import seed_of
from dechaff.estimators.pu.meta_estimator import PURows, PUWithoutFolds
from dechaff.estimators.pu.weighted_models import MeanOfModels
from dechaff.estimators.training_rows import take
from dechaff.methods.pu.bagging import draw_bags, out_of_bag_scores
from dechaff.typing import Groups, Rows


class BaggingPUClassifier(PUWithoutFolds):
    """Positives and negatives told apart by many models, each of all labelled rows against a few unlabelled ones.

    Each model takes as many unlabelled rows as there are labelled ones for negatives, drawn with replacement; their
    mean score is the answer. Hidden positives fool each model a little and differently. No c is needed, and rows may
    be labelled in any share; scores rank rows well, but they are no probabilities: one half is where the density of
    positives equals that of negatives, which is the verdict for two classes of equal size. Where positives are rare
    and classes overlap, it calls too many rows positive; `PUClassifier` does not.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        Never fitted itself. None is logistic regression on scaled numbers.
    n_estimators : int, at least 1
        Bags, and so models.
    bag_size : int, at least 1, or None
        Unlabelled rows a bag; None draws as many as there are labelled rows.
    positive : name of the positive class in y; the greater of the two where it is None
    random_state : int, RandomState or None
        Decides the draws, and the model's chances where the model leaves them open. None counts as 0 for the draws,
        and leaves the model alone.

    Attributes
    ----------
    estimator_ : the models; ``estimator_.models`` has one a bag.
    oob_scores_ : (n,) float in [0, 1]
        Mean score of each unlabelled row by the models whose bag it is not in. NaN for labelled rows, which are in
        every bag, for unlabelled ones that were, and for rows of weight 0.
    labelled_ : (n,) bool
    classes_ : (2,) names of the classes, sorted
    positive_class_ : the name of the positive one
    n_features_in_, feature_names_in_ : as the model has them

    References
    ----------
    Mordelet, Vert (2014), A bagging SVM to learn from positive and unlabeled examples, Pattern Recognition Letters 37.
    Differs: any classifier; equal rows are drawn, and left out, together, and draws do not depend on their order.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.random(1000) < 0.3
    >>> X = random.normal(size=(1000, 2)) + 3 * y[:, None]
    >>> s = y & (random.random(1000) < 0.1)
    >>> model = BaggingPUClassifier(n_estimators=10).fit(X, s)
    >>> float((model.predict(X) == y).mean()) > 0.95
    True
    >>> hidden, scored = y[~s], model.oob_scores_[~s]
    >>> bool(scored[hidden].mean() > 0.6), bool(scored[~hidden].mean() < 0.2)
    (True, True)
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        bag_size: int | None = None,
        positive: Hashable = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.bag_size = bag_size
        self.positive = positive
        self.random_state = random_state

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> Mapping[str, npt.NDArray[Any]]:
        _check_numbers(n_estimators=self.n_estimators, bag_size=1 if self.bag_size is None else self.bag_size)
        units = np.unique(row_hash(rows.X), return_inverse=True)[1].astype(np.int64)
        bags = draw_bags(
            rows.labelled,
            n_bags=self.n_estimators,
            size=self.bag_size,
            weights=rows.weights,
            units=units,
            seed=seed_of(self.random_state),
        )
        models: list[Any] = []

        def fit_predict(
            fit_rows: Rows, fit_codes: npt.NDArray[np.int64], predict_rows: Rows
        ) -> npt.NDArray[np.float64]:
            models.append(_drawn(rows).fitted(model, fit_codes, rows=fit_rows))
            if not len(predict_rows):
                return np.empty((0, 2))
            return np.asarray(models[-1].predict_proba(take(rows.X, predict_rows)), dtype=np.float64)

        scores = out_of_bag_scores(fit_predict, rows.labelled, bags, units=units)
        self.estimator_ = MeanOfModels(tuple(models))
        return {"oob_scores_": scores}

    def _positive_probs(self, X: Any) -> npt.NDArray[np.float64]:
        return np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64)


def _drawn(rows: PURows) -> PURows:
    """The rows as they count in a bag: the weight of an unlabelled row is how often it is drawn."""
    return rows if rows.weights is None else replace(rows, weights=np.where(rows.labelled, rows.weights, 1.0))


def _check_numbers(**numbers: Any) -> None:
    for name, number in numbers.items():
        if not isinstance(number, int | np.integer) or number < 1:
            raise InputError(name, "be a whole number, at least 1", repr(number), "Leave it out for the usual one.")
