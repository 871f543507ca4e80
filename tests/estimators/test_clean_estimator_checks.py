"""Every check of scikit-learn holds for the classifiers that doubt their labels, with no exception."""

from __future__ import annotations

from typing import Any

import pytest
import sklearn
from sklearn.linear_model import RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.estimators.clean.clean_classifier import CleanClassifier, ReweightingClassifier

CLASSIFIERS = [
    CleanClassifier(),
    CleanClassifier(DecisionTreeClassifier(random_state=0)),
    # No predict_proba: judged by its decision values.
    CleanClassifier(RidgeClassifier()),
    ReweightingClassifier(GaussianNB()),
]


@parametrize_with_checks(CLASSIFIERS)
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture
def _routing() -> Any:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("_routing")
@parametrize_with_checks([CleanClassifier(GaussianNB()), ReweightingClassifier()])
def test_they_hold_where_metadata_is_routed_and_the_model_requests_weights(estimator: Any, check: Any) -> None:
    if estimator.estimator is not None:
        estimator.set_params(estimator=GaussianNB().set_fit_request(sample_weight=True))
    check(estimator)
