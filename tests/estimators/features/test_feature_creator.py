from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from dechaff.errors import LabelsError
from dechaff.estimators.features.feature_creator import FeatureCreator

N = 400


def mixed(seed: int = 0) -> tuple[dict[str, Any], np.ndarray]:
    """A label that depends on a ratio."""
    random = np.random.default_rng(seed)
    debt, income, other = random.uniform(1, 9, N), random.uniform(1, 9, N), random.normal(0, 2, N)
    y = debt / income + other > 1.5
    columns = {
        "debt": debt.tolist(),
        "income": income.tolist(),
        "other": other.tolist(),
        "noise": random.choice(["u", "v", "w"], N).tolist(),
    }
    return columns, np.where(y, "yes", "no")


@pytest.fixture(scope="module")
def fitted() -> FeatureCreator:
    columns, y = mixed()
    return FeatureCreator().fit(pl.DataFrame(columns), y)


def test_the_ratio_that_decides_is_found_and_named(fitted: FeatureCreator) -> None:
    assert "debt / income" in fitted.created_
    assert "debt / income" in fitted.study_.words
    (one,) = [one for one in fitted.study_.tried if one.creation.name == "debt / income"]
    assert one.creation.columns == ("debt", "income")
    assert one.gain is not None
    assert one.gain.brier.low > 0
    assert not any("noise" in name for name in fitted.created_)


def test_new_rows_get_the_same_columns_in_a_frame_of_their_type(fitted: FeatureCreator) -> None:
    columns, _ = mixed(1)
    made = fitted.transform(pl.DataFrame(columns))
    assert made.columns == [*columns, *fitted.created_] == fitted.get_feature_names_out().tolist()
    np.testing.assert_allclose(made["debt / income"], np.array(columns["debt"]) / np.array(columns["income"]))
    arrow = fitted.transform(pl.DataFrame(columns).to_arrow())
    assert arrow.column_names == made.columns
    frame = pd.DataFrame(mixed()[0], index=np.arange(N) + 7)
    assert fitted.transform(frame).index.equals(frame.index)


def test_it_creates_inside_of_folds() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    y = np.abs(X[:, 0]) > 0.7
    model = make_pipeline(FeatureCreator(), LogisticRegression())
    assert cross_val_score(LogisticRegression(), X, y, cv=2).mean() < 0.65
    assert cross_val_score(model, X, y, cv=2).mean() > 0.85


def test_of_shuffled_labels_nothing_is_accepted() -> None:
    columns, y = mixed()
    for seed in range(2):
        shuffled = np.random.default_rng(seed).permutation(y)
        study = FeatureCreator(random_state=seed).fit(pl.DataFrame(columns), shuffled).study_
        assert study.accepted == ()
        assert study.words.startswith("No created feature: of ")


def test_rows_of_one_group_do_not_judge_what_they_chose() -> None:
    random = np.random.default_rng(0)
    # Of each person the label and the city are random, but the same in ten rows.
    person, label = np.repeat(np.arange(30), 10), random.integers(0, 2, 30)
    X = pd.DataFrame({"city": [f"city {one}" for one in person], "x": random.normal(size=300)})
    with_groups = FeatureCreator().fit(X, label[person], groups=person)
    assert with_groups.study_.accepted == ()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        FeatureCreator().fit(X, label[person], groups=person[:5])


def too_short(X: Any) -> Any:
    return np.zeros(3)


def broken(X: Any) -> Any:
    raise RuntimeError("no network")


def test_own_functions_transformers_and_frames_are_candidates_and_failures_are_listed() -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(200, 2)), columns=["a", "b"], index=[f"r{at}" for at in range(200)])
    y = (X["a"] * X["b"] > 0).to_numpy()
    features = pd.DataFrame({"product": X["a"] * X["b"]}, index=X.index).sample(frac=1, random_state=0)
    found = FeatureCreator(own=[too_short, broken, features]).fit(X, y)
    assert "product" in found.created_
    assert dict(found.study_.failed) == {
        "too_short": "too_short must return one row for each row of X; found 3 rows, not 200.\nKeep the rows and their "
        "order.",
        "broken": "RuntimeError: no network",
    }
    assert found.transform(X.iloc[:5])["product"].tolist() == pytest.approx((X["a"] * X["b"])[:5].tolist())
    with pytest.raises(ValueError, match="no row 'other'"):
        found.transform(X.iloc[:1].rename(index={"r0": "other"}))
    polynomials = PolynomialFeatures(2, interaction_only=True).set_output(transform="pandas")
    assert "a b" in FeatureCreator(own=[polynomials]).fit(X, y).created_


def test_a_table_vectorizer_keeps_the_names_that_it_passes_through_and_makes_many_columns() -> None:
    """As skrub 0.11 does; tried with it, too."""
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.random.default_rng(0).integers(0, 700, 200), unit="D")
    X = pd.DataFrame({"a": np.arange(200.0) % 7, "day": day})
    found = FeatureCreator(own=[DatesAsNumbers()]).fit(X, day.day_of_week >= 5)
    assert found.study_.failed == ()
    assert "weekday of day" in found.created_ or "day_day_of_week" in found.created_
    tried = [one.creation.name for one in found.study_.tried]
    assert "day_day_of_week" in tried
    assert "a" not in tried, "it is a column of X"
    assert found.transform(X[:3]).columns.tolist() == ["a", "day", *found.created_]


class DatesAsNumbers(BaseEstimator, TransformerMixin):  # type: ignore[misc]
    """Frame in, frame of float32 out; fitted without labels."""

    def fit(self, X: pd.DataFrame, y: None = None) -> DatesAsNumbers:
        self.columns_ = X.select_dtypes("datetime").columns
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        made = {f"{one}_{part}": getattr(X[one].dt, part) for one in self.columns_ for part in ("month", "day_of_week")}
        return X.drop(columns=self.columns_).assign(**made).astype(np.float32)


def test_a_feature_matrix_with_whole_numbers_that_may_be_missing_is_a_source() -> None:
    """As featuretools 1.31 returns: named by the index of the target rows, counts in the type Int64; tried with it."""
    random = np.random.default_rng(0)
    X = pd.DataFrame({"age": random.integers(20, 60, 200)}, index=pd.Index(np.arange(200) + 1000, name="customer"))
    count = pd.array(random.integers(0, 9, 200), dtype="Int64")
    matrix = pd.DataFrame({"age": X["age"], "COUNT(orders)": count, "SUM(orders.price)": random.gamma(2, 9, 200)})
    found = FeatureCreator(own=[matrix.iloc[::-1]]).fit(X, matrix["COUNT(orders)"].to_numpy(int) > 4)
    assert found.study_.failed == ()
    assert "COUNT(orders)" in found.created_
    assert found.transform(X[:3])["COUNT(orders)"].tolist() == count[:3].tolist()


def test_bad_input_is_refused_and_few_rows_are_said() -> None:
    with pytest.raises(LabelsError, match="at least two classes"):
        FeatureCreator().fit(np.zeros((5, 1)), np.zeros(5))
    with pytest.raises(LabelsError, match="requires y"):
        FeatureCreator().fit(np.zeros((5, 1)))
    few = FeatureCreator().fit(np.arange(20.0)[:, None], np.arange(20) % 2)
    assert few.study_.words == "No created feature: there are fewer than 100 rows."
    assert few.transform(np.zeros((2, 1))).shape == (2, 1)
