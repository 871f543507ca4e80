"""Labelling that goes by a feature: who is likelier to be labelled is found, and the class is not led astray."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from dechaff.errors import InputError
from dechaff.estimators.pu.pu_classifier import PUClassifier
from dechaff.estimators.pu.selection_biased import SelectionBiasedPUClassifier


def labelled_by_age(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The first column tells the classes apart, the second drives the labelling, from 0.05 to 0.95."""
    random = np.random.default_rng(seed)
    y = random.random(800) < 0.5
    X = random.normal(size=(800, 2)) + np.outer(y, [3.0, 0.0])
    propensity = 1 / (1 + np.exp(-3 * X[:, 1]))
    return X, y, y & (random.random(800) < propensity), propensity


def test_it_finds_the_propensities_and_is_nearer_to_the_truth_than_one_c_for_all() -> None:
    X, y, s, propensity = labelled_by_age()
    model = SelectionBiasedPUClassifier(propensity_columns=[1]).fit(X, s)
    assert np.abs(model.predict_propensity(X) - propensity).mean() < 0.05
    assert model.class_prior_ == pytest.approx(0.5, abs=0.05)
    assert model.c_ == pytest.approx(s.sum() / y.sum(), abs=0.05)
    assert (model.predict(X) == y).mean() > 0.91 > (PUClassifier().fit(X, s).predict(X) == y).mean()


def test_the_likelihood_rises_and_it_ends_where_that_stops() -> None:
    X, _, s, _ = labelled_by_age()
    model = SelectionBiasedPUClassifier(propensity_columns=[1]).fit(X, s)
    assert len(model.log_likelihoods_) == model.n_iter_ + 1
    assert 10 <= model.n_iter_ < 100
    assert np.diff(model.log_likelihoods_)[2:].min() > -1e-4
    assert SelectionBiasedPUClassifier(max_iter=3).fit(X, s).n_iter_ == 3


@pytest.mark.parametrize("columns", [["age"], pd.Index(["age"]), [1]])
def test_columns_may_be_named_and_each_model_sees_its_own(columns: list) -> None:
    X, _, s, _ = labelled_by_age()
    frame = pd.DataFrame(X[:500], columns=["dose", "age"])
    model = SelectionBiasedPUClassifier(
        LogisticRegression(),
        propensity_estimator=DecisionTreeClassifier(max_depth=2, min_samples_leaf=20),
        propensity_columns=columns,
        random_state=0,
        max_iter=5,
    ).fit(frame, s[:500])
    assert model.feature_names_in_.tolist() == ["dose", "age"]
    assert model.propensity_estimator_.feature_names_in_.tolist() == ["age"]
    assert model.predict_propensity(frame).shape == (500,)
    assert isinstance(model.propensity_estimator_.random_state, int)


def test_texts_that_only_the_model_of_the_class_can_take_are_refused_with_what_to_do() -> None:
    X, y, s, _ = labelled_by_age()
    frame = pd.DataFrame({"size": X[:, 0], "age": X[:, 1], "town": np.where(y, "Bern", "Rome")})
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["town"]), ("passthrough", ["size"])), LogisticRegression()
    )
    with pytest.raises(InputError, match=r"(?s)X must contain numbers.*'Rome'.*with propensity_columns="):
        SelectionBiasedPUClassifier(model).fit(frame, s)
    fitted = SelectionBiasedPUClassifier(model, propensity_columns=["age"]).fit(frame, s)
    assert (fitted.predict(frame) == y).mean() > 0.9
