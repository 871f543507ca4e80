"""Several models that answer as one."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.estimators.mean_of_models import MeanOfModels
from tests.estimators.pu_data import two_clouds


def test_it_is_the_mean_and_knows_the_columns_of_its_models() -> None:
    X, y, s = two_clouds(100)
    models = (LogisticRegression().fit(X, y), LogisticRegression().fit(X, s))
    mean = pickle.loads(pickle.dumps(MeanOfModels(models)))
    assert np.allclose(mean.predict_proba(X), (models[0].predict_proba(X) + models[1].predict_proba(X)) / 2)
    assert mean.n_features_in_ == 2
    assert not hasattr(mean, "feature_names_in_")
    with pytest.raises(AttributeError):
        _ = mean.coef_
