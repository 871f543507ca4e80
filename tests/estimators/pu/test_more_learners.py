"""What holds for all the other learners: probabilities, names, weights, containers, and nothing written to."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from dechaff.errors import InputError
from dechaff.estimators.pu.bagging import BaggingPUClassifier
from dechaff.estimators.pu.linear_risk import NonNegativePUClassifier, UnbiasedPUClassifier
from dechaff.estimators.pu.rank_pruning import RankPruningClassifier
from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier
from dechaff.estimators.pu.spy import SpyClassifier
from tests.estimators.pu.pu_data import two_clouds

WRAPPERS: list[Callable[..., Any]] = [
    partial(BaggingPUClassifier, n_estimators=5),
    SpyClassifier,
    RankPruningClassifier,
    partial(SelectionBiasedPUClassifier, max_iter=5),
]
every_wrapper = pytest.mark.parametrize("kind", WRAPPERS)
every_learner = pytest.mark.parametrize("kind", [*WRAPPERS, NonNegativePUClassifier, UnbiasedPUClassifier])


@every_learner
def test_probabilities_sum_to_one_and_agree_with_the_verdict(kind: Callable[..., Any]) -> None:
    X, y, s = two_clouds(positives=0.3)
    model = kind().fit(X, s)
    probs = model.predict_proba(X)
    assert np.allclose(probs.sum(axis=1), 1)
    assert ((probs >= 0) & (probs <= 1)).all()
    assert np.array_equal(model.predict(X), model.classes_[(probs[:, 1] >= 0.5).astype(int)])
    assert (model.predict(X) == y).mean() > 0.9


@every_learner
@pytest.mark.parametrize(("labelled", "unlabelled"), [(1, -1), ("a", "b"), (1.0, float("nan"))])
def test_names_of_the_classes_change_nothing_but_the_names(
    kind: Callable[..., Any], labelled: Any, unlabelled: Any
) -> None:
    X, _, s = two_clouds(200)
    expected = kind().fit(X, s)
    model = kind(positive=labelled).fit(X, np.where(s, labelled, unlabelled))
    place = list(model.classes_).index(labelled)
    assert np.array_equal(model.predict_proba(X)[:, place], expected.predict_proba(X)[:, 1])
    assert np.array_equal(model.predict(X) == labelled, expected.predict(X))


@every_learner
def test_a_row_of_weight_three_is_three_rows_and_one_of_weight_zero_is_none(kind: Callable[..., Any]) -> None:
    X, _, s = two_clouds(200)
    times = np.random.default_rng(1).integers(0, 4, len(X))
    order = np.random.default_rng(2).permutation(int(times.sum()))
    weighted = kind().fit(X, s, sample_weight=times)
    repeated = kind().fit(X.repeat(times, axis=0)[order], s.repeat(times)[order])
    assert np.allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-4)


@every_learner
def test_a_sparse_matrix_gives_what_its_dense_form_gives(kind: Callable[..., Any]) -> None:
    """Nearly: the mean is not taken off where that would fill the matrix, and the solver ends elsewhere."""
    X, _, s = two_clouds(200)
    X = X * (np.random.default_rng(0).random(X.shape) > 0.3)
    dense = kind().fit(X, s).predict_proba(X)
    for form in (sp.csr_array, sp.csc_matrix):
        assert np.allclose(kind().fit(form(X), s).predict_proba(form(X)), dense, atol=0.05)


@every_wrapper
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_pipeline_finds_the_columns_of_a_frame_by_name(kind: Callable[..., Any], frame: Any) -> None:
    X, y, s = two_clouds(200)
    table = frame({"n": X[:, 0], "kind": np.where(X[:, 1] > 1, "big", "small")})
    columns = ColumnTransformer([("n", StandardScaler(), ["n"]), ("kind", OneHotEncoder(), ["kind"])])
    model = kind(make_pipeline(columns, LogisticRegression()))
    if isinstance(model, SelectionBiasedPUClassifier):
        model.set_params(propensity_columns=["n"])
    model.fit(table, s)
    assert (model.predict(table) == y).mean() > 0.75
    assert model.feature_names_in_.tolist() == ["n", "kind"]


@every_learner
def test_a_frame_of_numbers_keeps_its_names(kind: Callable[..., Any]) -> None:
    X, _, s = two_clouds(200)
    model = kind().fit(pd.DataFrame(X, columns=["a", "b"]), s)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert model.n_features_in_ == 2
    assert not hasattr(model.fit(X, s), "feature_names_in_")


@every_learner
def test_it_is_searched_cloned_and_pickled_like_any_other(kind: Callable[..., Any]) -> None:
    X, _, s = two_clouds(150)
    search = GridSearchCV(kind(), {"positive": [None]}, cv=2, scoring="roc_auc").fit(X, s)
    model = search.best_estimator_
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), model.predict_proba(X))
    assert not hasattr(clone(model), "classes_")
    assert model._repr_html_()


@every_wrapper
def test_the_model_that_was_handed_in_is_never_fitted_and_nothing_is_written_to(kind: Callable[..., Any]) -> None:
    X, _, s = two_clouds(100)
    X.flags.writeable = s.flags.writeable = False
    base = LogisticRegression()
    kind(base).fit(X, s, sample_weight=np.full(100, 2.0))
    assert not hasattr(base, "classes_")


@every_learner
@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((4, 2)), [0, 0, 0, 0], "one class"),
        (np.zeros((4, 2)), [1, 1, 1, 1], "one class"),
        (np.zeros((4, 2)), [0, 1, 2, 1], "two values"),
        (np.zeros((4, 2)), [0, 1, 0], "4 rows in X, 3 in y"),
    ],
)
def test_rows_that_cannot_be_used_are_named(kind: Callable[..., Any], X: Any, y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        kind().fit(X, y)


@every_learner
def test_nothing_is_predicted_before_fit(kind: Callable[..., Any]) -> None:
    with pytest.raises(NotFittedError):
        kind().predict(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (BaggingPUClassifier(n_estimators=0), "n_estimators must be a whole number, 1 or more"),
        (BaggingPUClassifier(bag_size=0.5), "bag_size must be a whole number, 1 or more"),
        (SpyClassifier(lost=1.0), "lost must be a fraction from 0 to below 1"),
        (RankPruningClassifier(rho1=1.0), "rho1 must be a fraction from 0 to below 1"),
        (RankPruningClassifier(rho1=0.6, rho0=0.4), "rho1 and rho0 must sum to less than 1"),
        (SelectionBiasedPUClassifier(max_iter=0), "max_iter must be a whole number, 1 or more"),
        (SelectionBiasedPUClassifier(propensity_columns=[7]), "propensity_columns must be columns of X"),
        (SelectionBiasedPUClassifier(propensity_columns=["a"]), "propensity_columns must be columns of X"),
        (SelectionBiasedPUClassifier(propensity_estimator=LogisticRegression), "an instance"),
        (NonNegativePUClassifier(C=0), "C must be a number above 0"),
        (NonNegativePUClassifier(class_prior=1.0), "class_prior must be a number above 0 and below 1"),
        (UnbiasedPUClassifier(class_prior=0.01), "class_prior must be at least 0.2"),
    ],
)
def test_options_that_cannot_be_used_are_named(model: Any, message: str) -> None:
    X, _, s = two_clouds(100)
    with pytest.raises(InputError, match=message):
        model.fit(X, s)


@pytest.mark.parametrize("kind", [BaggingPUClassifier, SelectionBiasedPUClassifier])
def test_groups_are_refused_where_no_rows_are_held_out(kind: Any) -> None:
    X, _, s = two_clouds(100)
    with pytest.raises(InputError, match="groups must be omitted"):
        kind().fit(X, s, groups=np.arange(100))
