"""Every check of scikit-learn holds for the other learners, too, with no exception."""

from __future__ import annotations

from typing import Any

import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from dechaff.estimators.pu.bagging import BaggingPUClassifier
from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier
from dechaff.estimators.pu.spy import SpyClassifier

LEARNERS = [
    BaggingPUClassifier(n_estimators=5),
    BaggingPUClassifier(DecisionTreeClassifier(random_state=0), n_estimators=5),
    SpyClassifier(),
    SpyClassifier(GaussianNB()),
    RankPruningClassifier(),
    RankPruningClassifier(DecisionTreeClassifier(random_state=0)),
    SelectionBiasedPUClassifier(max_iter=3),
    SelectionBiasedPUClassifier(
        LogisticRegression(), propensity_estimator=DecisionTreeClassifier(max_depth=2, random_state=0), max_iter=3
    ),
    NonNegativePUClassifier(),
    UnbiasedPUClassifier(),
]


@parametrize_with_checks(LEARNERS)
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture
def _routing() -> Any:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("_routing")
@parametrize_with_checks([BaggingPUClassifier(n_estimators=2), UnbiasedPUClassifier()])
def test_they_hold_where_metadata_is_routed(estimator: Any, check: Any) -> None:
    check(estimator)
