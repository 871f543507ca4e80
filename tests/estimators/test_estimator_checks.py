"""Every check of scikit-learn holds for every estimator, with models of several kinds, with no exception.

`make test` runs every check for one quick model of each estimator, and for its other models the checks whose outcome
depends on the model; `make test-all` runs every check for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sklearn
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from dechaff.estimators.augmentation.augmentation_selector import AugmentationSelector
from dechaff.estimators.clean.clean_classifier import CleanClassifier, ReweightingClassifier
from dechaff.estimators.curriculum.curriculum_classifier import CurriculumClassifier
from dechaff.estimators.features.feature_creator import FeatureCreator
from dechaff.estimators.features.feature_selector import FeatureSelector
from dechaff.estimators.outlier_detector import OutlierDetector
from dechaff.estimators.pu.bagging import BaggingPUClassifier
from dechaff.estimators.pu.elkan_noto import ElkanNotoClassifier
from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
from dechaff.estimators.pu.pu_classifier import PUClassifier
from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier
from dechaff.estimators.pu.spy import SpyClassifier
from dechaff.estimators.rare_classes.balanced_accuracy_classifier import BalancedAccuracyClassifier
from dechaff.methods.augmentation.gaussian_noise import gaussian_noise
from dechaff.methods.augmentation.operation import RowChange

TREE = DecisionTreeClassifier(random_state=0)
MODELS = [
    LogisticRegression(),
    TREE,
    # As many rows in a leaf as there are copies of a row, else the model itself tells two copies from weight 2.
    HistGradientBoostingClassifier(max_iter=10, min_samples_leaf=1),
    # Bootstrap samples are not weighted rows; its seed is left to the classifier around it.
    RandomForestClassifier(2, bootstrap=False),
]
NOISE = RowChange("noise", "table", gaussian_noise)
ONE_OF_EACH = [
    PUClassifier(GaussianNB()),
    ElkanNotoClassifier(GaussianNB()),
    BaggingPUClassifier(n_estimators=5),
    SpyClassifier(),
    RankPruningClassifier(),
    SelectionBiasedPUClassifier(max_iter=3),
    NonNegativePUClassifier(),
    UnbiasedPUClassifier(),
    # Three folds instead of five take 13 fits instead of 31.
    CleanClassifier(TREE, cv=3),
    ReweightingClassifier(GaussianNB(), cv=3),
    OutlierDetector(),
    FeatureSelector(max_rounds=2),
    CurriculumClassifier(GaussianNB()),
    AugmentationSelector(GaussianNB(), operations=[NOISE], copies=1, repeats=1, cv=2),
    BalancedAccuracyClassifier(),
]
OTHER_MODELS = [
    *(kind(model) for kind in (ElkanNotoClassifier, PUClassifier) for model in (None, *MODELS)),
    PUClassifier(LogisticRegression(), ensemble=True),
    BaggingPUClassifier(TREE, n_estimators=5),
    SpyClassifier(GaussianNB()),
    RankPruningClassifier(TREE),
    SelectionBiasedPUClassifier(
        LogisticRegression(), propensity_estimator=DecisionTreeClassifier(max_depth=2, random_state=0), max_iter=3
    ),
    CleanClassifier(cv=3),
    # No predict_proba: judged by its decision values.
    CleanClassifier(RidgeClassifier(), cv=3),
    FeatureSelector(),
    FeatureCreator(),
    CurriculumClassifier(),
    CurriculumClassifier(GradientBoostingClassifier(n_estimators=10)),
    CurriculumClassifier(HistGradientBoostingClassifier(max_iter=10, min_samples_leaf=1)),
]
ROUTED = [
    *(kind(model) for kind in (ElkanNotoClassifier, PUClassifier) for model in (None, LogisticRegression())),
    BaggingPUClassifier(n_estimators=2),
    UnbiasedPUClassifier(),
    CleanClassifier(GaussianNB(), cv=3),
    ReweightingClassifier(cv=3),
]
OF_THE_MODEL = ("check_sample_weight", "check_fit_idempotent", "check_methods_s")
"""What the checks that depend on the model inside begin with; ``methods_s``: subset and sample order invariance."""


def checks(estimators: list[Any], *, fast: tuple[str, ...] = ("check_",)) -> Iterator[Any]:
    """Pairs (estimator, check); those whose names do not begin with one of `fast` are marked slow."""
    for estimator in estimators:
        shown = re.sub(r" at 0x[0-9a-f]+", "", " ".join(repr(estimator).split()))  # addresses differ between workers
        for checked, check in estimator_checks_generator(estimator):
            name = check.func.__name__
            marks = () if name.startswith(fast) else (pytest.mark.slow,)
            options = "".join(f",{key}={value}" for key, value in check.keywords.items())
            yield pytest.param(checked, check, marks=marks, id=f"{shown}-{name}{options}")


@pytest.mark.parametrize(("estimator", "check"), [*checks(ONE_OF_EACH), *checks(OTHER_MODELS, fast=OF_THE_MODEL)])
def test_every_check_of_scikit_learn_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture
def _routing() -> Iterator[None]:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("_routing")
@pytest.mark.parametrize(("estimator", "check"), [*checks(ROUTED, fast=OF_THE_MODEL)])
def test_they_hold_where_metadata_is_routed_and_the_model_requests_weights(estimator: Any, check: Any) -> None:
    if estimator.estimator is not None:
        estimator.set_params(estimator=estimator.estimator.set_fit_request(sample_weight=True))
    check(estimator)
