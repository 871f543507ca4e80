"""What the diagnostics compare."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dechaff.estimators.pu.diagnostic_inputs import (
    FEWEST,
    MOST_CATEGORIES,
    MOST_COLUMNS,
    feature_columns,
    flexible_reference,
    reweighting_of,
)


def test_numbers_stay_as_they_are() -> None:
    X = np.array([[1.0, np.nan], [2.0, 3.0]])
    found = feature_columns(X)
    assert found is not None
    np.testing.assert_array_equal(found.values, X)
    assert found.names == ()
    assert feature_columns([[1, 2], [3, 4]]).values.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_a_frame_gives_numbers_truths_categories_and_days(make: type) -> None:
    frame = make(
        {
            "size": [1.5, None, 2.5, 0.5, 1.0, 1.0],
            "old": [True, False, True, True, True, True],
            "colour": ["red", "blue", "red", None, "red", "red"],
            "seen": [datetime(2020, 1, 1), datetime(2020, 1, 2), *[datetime(2020, 1, 1)] * 4],
            "note": ["a long text", "another", "a third", "none like it", "one more", "the last"],
        }
    )
    found = feature_columns(frame)
    assert found is not None
    assert found.names[:2] == ("size", "old")
    assert {"colour = blue", "colour = red"} <= set(found.names)
    assert not any(name.startswith("note") for name in found.names)
    by_name = dict(zip(found.names, found.values.T, strict=True))
    np.testing.assert_array_equal(by_name["size"], [1.5, np.nan, 2.5, 0.5, 1, 1])
    assert by_name["old"].tolist() == [1, 0, 1, 1, 1, 1]
    assert by_name["colour = red"].tolist() == [1, 0, 1, 0, 1, 1]
    assert by_name["seen"][1] - by_name["seen"][0] == 86400


def test_days_and_times_with_a_zone_are_taken() -> None:
    frame = pl.DataFrame({"day": [date(2020, 1, 1), None], "time": [datetime(2020, 1, 1, tzinfo=UTC)] * 2})
    found = feature_columns(frame)
    assert found is not None
    assert found.names == ("day", "time")
    assert np.isnan(found.values[1, 0])


def test_only_the_most_frequent_categories_count() -> None:
    values = [f"c{place % 30}" for place in range(300)] + ["c0"] * 9
    found = feature_columns(pl.DataFrame({"kind": values}))
    assert found is not None
    assert found.values.shape == (309, MOST_CATEGORIES)
    assert "kind = c0" in found.names


def test_of_a_sparse_matrix_the_columns_that_are_filled_most_often_are_taken() -> None:
    dense = np.zeros((5, MOST_COLUMNS + 100))
    dense[:2, 7] = dense[0, :250] = 1
    for make in (csr_matrix, csr_array):
        found = feature_columns(make(dense))
        assert found is not None
        assert found.values.shape == (5, MOST_COLUMNS)
        assert found.values[:, found.names.index("column 7")].tolist() == [1, 1, 0, 0, 0]
    assert feature_columns(csr_matrix(np.eye(3))).names == ()


def test_columns_whose_names_are_given_twice_cannot_be_told_apart() -> None:
    assert feature_columns(pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=["a", "a"])) is None


def test_texts_have_no_columns() -> None:
    assert feature_columns(["one text", "another"]) is None
    assert feature_columns(np.array([["a", "b"]])) is None
    assert feature_columns(pl.DataFrame({"note": ["one text", "another", "a third"]})) is None


def test_it_learns_what_a_line_cannot() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 2))
    labelled = (X[:, 0] * X[:, 1] > 0) & (random.random(600) < 0.6)
    g = flexible_reference(X, labelled, np.arange(600) % 5)
    assert g is not None
    assert g[labelled].mean() > 2 * g[~labelled].mean()


def test_rows_that_are_left_out_get_no_score_and_missing_values_are_taken() -> None:
    X = np.where(np.arange(100) % 9 == 0, np.nan, np.arange(100))[:, None]
    folds = np.where(np.arange(100) < 10, -1, np.arange(100) % 3)
    g = flexible_reference(X, np.arange(100) % 3 == 1, folds)
    assert g is not None
    assert np.isnan(g[:10]).all()
    assert np.isfinite(g[10:]).all()


def test_too_few_labelled_rows_teach_trees_nothing() -> None:
    labelled = np.arange(200) < FEWEST - 1
    assert flexible_reference(np.arange(200.0)[:, None], labelled, np.arange(200) % 5) is None


class Booster(BaseEstimator):
    def __init__(self, scale_pos_weight: float | None = None) -> None:
        self.scale_pos_weight = scale_pos_weight


class RandomOverSampler(BaseEstimator):
    def fit_resample(self, X: object, y: object) -> tuple[object, object]:
        return X, y


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (LogisticRegression(), ""),
        (LogisticRegression(class_weight="balanced"), "class_weight='balanced'"),
        (RandomForestClassifier(class_weight={0: 1, 1: 9}), "class_weight={0: 1, 1: 9}"),
        (make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")), "class_weight='balanced'"),
        (Booster(), ""),
        (Booster(1), ""),
        (Booster(12.0), "scale_pos_weight=12.0"),
        (None, ""),
    ],
)
def test_weights_of_classes_are_seen(model: object, said: str) -> None:
    assert reweighting_of(model) == said


def test_a_step_that_resamples_is_seen() -> None:
    model = Pipeline([("more", RandomOverSampler()), ("model", LogisticRegression())])
    assert reweighting_of(model) == "a step RandomOverSampler that resamples"
