"""Weights arrive where a model takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from dechaff.errors import InputError
from dechaff.estimators.weighted_fit import fit_fresh, weight_names

ROWS, TARGETS = np.array([[0.0], [1.0], [2.0], [5.0]]), np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (LogisticRegression(), ["sample_weight"]),
        (KNeighborsClassifier(), []),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), []),
        (
            make_pipeline(StandardScaler(), SelectKBest(k=1), LogisticRegression()),
            ["standardscaler", "logisticregression"],
        ),
        (make_pipeline(KBinsDiscretizer(strategy="uniform"), LogisticRegression()), ["logisticregression"]),
        (make_pipeline(KBinsDiscretizer(strategy="quantile"), LogisticRegression()), ["kbins", "logisticregression"]),
        (GridSearchCV(LogisticRegression(), {}), ["sample_weight"]),
        (GridSearchCV(KNeighborsClassifier(), {}), []),
        (make_pipeline(None), []),
        (OneVsRestClassifier(LogisticRegression()), []),  # by routing only
    ],
)
def test_names_of_arguments_are_found(model: Any, names: list[str]) -> None:
    found = weight_names(model)
    assert len(found) == len(names)
    assert all(one.startswith(name) and one.endswith("sample_weight") for one, name in zip(found, names, strict=True))


@pytest.mark.parametrize("routing", [True, False])
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(ColumnTransformer([("scaled", StandardScaler(), [0])], remainder="passthrough"), GaussianNB()),
        make_pipeline(ColumnTransformer([("one", make_pipeline(StandardScaler()), [0])]), GaussianNB()),
        make_pipeline(make_union(StandardScaler(), "passthrough"), GaussianNB()),
        GridSearchCV(make_pipeline(StandardScaler(), GaussianNB()), {}, cv=2),
        CalibratedClassifierCV(GaussianNB(), cv=2),
        BaggingClassifier(DecisionTreeClassifier(), n_estimators=2, random_state=0),
        make_pipeline(SelectFromModel(LogisticRegression(), threshold=0), GaussianNB()),
    ],
)
def test_weights_need_no_requests_by_the_caller(model: Any, routing: bool) -> None:
    with sklearn.config_context(enable_metadata_routing=routing):
        fitted = fit_fresh(model, ROWS, TARGETS, weights=np.array([3.0, 1.0, 1.0, 2.0]))
    assert fitted.predict(ROWS).shape == (4,)


def test_a_choice_of_the_caller_is_kept() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        weighed = fit_fresh(make_pipeline(GaussianNB()), ROWS, TARGETS, weights=np.array([3.0, 1.0, 1.0, 2.0]))
        refused = GaussianNB().set_fit_request(sample_weight=False)
        other = make_pipeline(StandardScaler(), refused)
        plain = fit_fresh(other, ROWS, TARGETS, weights=np.array([3.0, 1.0, 1.0, 2.0]))
    assert weighed[-1].class_count_.tolist() == [4, 3]
    assert plain[-1].class_count_.tolist() == [2, 2]


@pytest.mark.parametrize("routing", [True, False])
def test_a_scaler_counts_rows_by_weight_too(routing: bool) -> None:
    weights = np.array([3.0, 1.0, 1.0, 2.0])
    model = make_pipeline(StandardScaler(), LogisticRegression())
    with sklearn.config_context(enable_metadata_routing=routing):
        weighted = fit_fresh(model, ROWS, TARGETS, weights=weights)
    times = weights.astype(int)
    repeated = fit_fresh(model, ROWS.repeat(times, axis=0), TARGETS.repeat(times))
    assert np.allclose(weighted[0].mean_, repeated[0].mean_)
    assert np.allclose(weighted.predict_proba(ROWS), repeated.predict_proba(ROWS))


def test_weights_that_a_step_is_given_by_name_are_multiplied() -> None:
    weights, pipeline = np.array([3.0, 1.0, 1.0, 2.0]), make_pipeline(LogisticRegression())
    named = {"logisticregression__sample_weight": weights}
    found = fit_fresh(pipeline, ROWS, TARGETS, weights=weights, options=named)
    expected = fit_fresh(pipeline, ROWS, TARGETS, weights=weights**2)
    assert np.array_equal(found.predict_proba(ROWS), expected.predict_proba(ROWS))


def test_the_model_handed_in_stays_unfitted() -> None:
    model = LogisticRegression()
    assert fit_fresh(model, ROWS, TARGETS) is not model
    assert not hasattr(model, "classes_")


def test_an_error_of_the_model_that_is_its_own_matter_comes_through_as_it_is() -> None:
    with pytest.raises(ValueError, match="contains infinity") as caught:
        fit_fresh(LogisticRegression(), np.array([[np.inf], [0.0]]), np.array([0, 1]))
    assert not isinstance(caught.value, InputError)
