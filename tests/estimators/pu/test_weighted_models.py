"""The second training, by one model or by the mean of many."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from dechaff.estimators.pu.meta_estimator import PURows
from dechaff.estimators.pu.weighted_models import MeanOfModels, averaged_models, is_linear, weighted_model
from dechaff.methods.pu.weighted_unlabelled import matched_weights
from dechaff.models.teaching.sgd_linear import SGDLinearClassifier
from tests.estimators.pu.pu_data import two_clouds


def test_it_is_the_mean_and_knows_the_columns_of_its_models() -> None:
    X, y, s = two_clouds(100)
    models = (LogisticRegression().fit(X, y), LogisticRegression().fit(X, s))
    mean = pickle.loads(pickle.dumps(MeanOfModels(models)))
    assert np.allclose(mean.predict_proba(X), (models[0].predict_proba(X) + models[1].predict_proba(X)) / 2)
    assert mean.n_features_in_ == 2
    assert not hasattr(mean, "feature_names_in_")
    with pytest.raises(AttributeError):
        _ = mean.coef_


LINE = LogisticRegression()


@pytest.mark.parametrize(
    ("model", "linear"),
    [
        (LINE, True),
        (SGDClassifier(loss="log_loss"), True),
        (SGDLinearClassifier(), True),
        (make_pipeline(StandardScaler(), make_pipeline(LINE)), True),
        (GridSearchCV(make_pipeline(StandardScaler(), LINE), {}), True),
        (CalibratedClassifierCV(LINE), True),
        (make_pipeline(StandardScaler(), DecisionTreeClassifier()), False),
        (HistGradientBoostingClassifier(), False),
    ],
)
def test_linear_models_are_known_wherever_they_stand(model: Any, linear: bool) -> None:
    assert is_linear(model) is linear


def test_the_second_round_learns_from_what_the_first_says_of_rows_it_has_not_seen() -> None:
    X, _, s = two_clouds(300)
    folds, c, tree = np.arange(300) % 3, 0.4, DecisionTreeClassifier(max_depth=3, random_state=0)
    rows, chances = PURows(X, s), np.where(X.sum(axis=1) > 3, 0.6, 0.01)
    models = averaged_models(rows, tree, chances, folds, c).models
    said = np.empty(300)
    for fold in range(3):
        said[folds == fold] = models[fold].predict_proba(X[folds == fold])[:, 1]
    again = matched_weights(c * said, s, c)
    for fold in range(3):
        for place, of_round in ((fold, chances), (3 + fold, again)):
            alone = weighted_model(rows, tree, of_round, folds != fold)
            assert np.array_equal(models[place].predict_proba(X), alone.predict_proba(X))


def test_where_every_positive_is_labelled_the_rest_is_negative() -> None:
    X, y, _ = two_clouds(300)
    found = averaged_models(PURows(X, y), LINE, np.zeros(300), np.arange(300) % 3, 1.0)
    assert (((found.predict_proba(X)[:, 1] >= 0.5) == y).mean()) > 0.9
