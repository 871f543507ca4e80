"""The linear uPU classifier: logistic regression where all positives are labelled."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dechaff.estimators.unbiased_pu_classifier import UnbiasedPUClassifier
from tests.estimators.pu_data import two_clouds


def test_where_every_positive_is_labelled_it_is_logistic_regression_on_scaled_features() -> None:
    X, y, _ = two_clouds(300)
    Z = StandardScaler().fit_transform(X)
    expected = LogisticRegression(C=0.03, tol=1e-10).fit(Z, y).predict_proba(Z)
    assert np.allclose(UnbiasedPUClassifier(class_prior=y.mean()).fit(X, y).predict_proba(X), expected, atol=1e-5)
