"""Bagging from labelled positives and unlabelled rows as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_count
from dechaff.core.row_hash import row_hash
from dechaff.estimators.content_folds import seed_of
from dechaff.estimators.pu.meta_estimator import PURows, PUWithoutFolds
from dechaff.estimators.pu.weighted_models import MeanOfModels
from dechaff.estimators.training_rows import take
from dechaff.methods.pu.bagging import draw_bags, out_of_bag_scores
from dechaff.typing import Groups, Rows


@dataclass(eq=False, repr=False, kw_only=True)
class BaggingPUClassifier(PUWithoutFolds):
    """Averages many models, each trained on all labelled rows against a random sample of unlabelled rows (bagging PU).

    Each model treats as many unlabelled rows as there are labelled ones as negatives, drawn with replacement; the mean
    of their scores is the prediction. Hidden positives mislead each model differently. No estimate of c is needed.
    Scores rank rows well but are not probabilities: 0.5 is where the densities of positives and negatives are equal,
    the right threshold for classes of equal size. If positives are rare and the classes overlap, too many rows are
    predicted positive; use `PUClassifier` then.

    Parameters
    ----------
    estimator : scikit-learn classifier with ``predict_proba``, or None
        A clone is fitted. None: logistic regression on standardised features.
    n_estimators : int, at least 1
        Number of bags, and so of models.
    bag_size : int, at least 1, or None
        Unlabelled rows per bag. None: the number of labelled rows.
    positive : as in `PUClassifier`
    random_state : int, RandomState or None
        Seed of the draws, and of the model if its own seed is None. None: 0 for the draws, and the model is unseeded.

    Attributes
    ----------
    estimator_ : the models; ``estimator_.models`` has one per bag
    oob_scores_ : (n,) float in [0, 1]
        Mean out-of-bag score of each unlabelled row. NaN for labelled rows, unlabelled rows that were in every bag, and
        rows of weight 0.
    labelled_, classes_, positive_class_, n_features_in_, feature_names_in_ : as in `PUClassifier`

    References
    ----------
    Mordelet, Vert (2014), A bagging SVM to learn from positive and unlabeled examples, Pattern Recognition Letters 37.
    Differs: any classifier; duplicate rows are drawn together, and draws do not depend on row order.

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

    n_estimators: int = 50
    bag_size: int | None = None

    def _learn(self, rows: PURows, folds: Groups, model: Any) -> Mapping[str, npt.NDArray[Any]]:
        check_count("n_estimators", self.n_estimators, least=1)
        if self.bag_size is not None:
            check_count("bag_size", self.bag_size, least=1)
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


def _drawn(rows: PURows) -> PURows:
    """The rows as weighted in a bag: 1 for unlabelled rows, whose weights set how often they are drawn."""
    return rows if rows.weights is None else replace(rows, weights=np.where(rows.labelled, rows.weights, 1.0))
