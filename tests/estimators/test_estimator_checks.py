"""Every check of scikit-learn holds for every classifier here, over models of several kinds, with no exception."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
from dechaff.estimators.pu.pu_classifier import PUClassifier

MODELS = [
    None,
    LogisticRegression(),
    GaussianNB(),
    DecisionTreeClassifier(random_state=0),
    # As many rows in a leaf as there are copies of a row, else the model itself tells two copies from weight 2.
    HistGradientBoostingClassifier(max_iter=10, min_samples_leaf=1),
    # Drawn rows are not weighted rows; its seed is left to the classifier around it.
    RandomForestClassifier(5, bootstrap=False),
]


@parametrize_with_checks(
    [
        *(kind(model) for kind in (ElkanNotoClassifier, PUClassifier) for model in MODELS),
        PUClassifier(LogisticRegression(), ensemble=True),
    ]
)
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture
def _routing() -> Any:
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("_routing")
@parametrize_with_checks(
    [kind(model) for kind in (ElkanNotoClassifier, PUClassifier) for model in (None, LogisticRegression())]
)
def test_they_hold_where_metadata_is_routed_and_the_model_requests_weights(estimator: Any, check: Any) -> None:
    if estimator.estimator is not None:
        estimator.set_params(estimator=LogisticRegression().set_fit_request(sample_weight=True))
    check(estimator)
