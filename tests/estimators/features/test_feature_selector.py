from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from dechaff.errors import LabelsError
from dechaff.estimators.features.feature_selector import FeatureSelector


def mixed(n: int = 300) -> tuple[dict[str, list[object]], np.ndarray]:
    """Columns of every kind, and a label that depends on three of them."""
    random = np.random.default_rng(3)
    age, city = random.normal(40, 10, n), random.integers(0, 5, n)
    height = np.where(random.random(n) < 0.2, np.nan, random.normal(size=n))
    label = (age - 40) / 10 + 1.5 * (city % 2) + np.nan_to_num(height) + 0.5 * random.normal(size=n) > 0.7
    columns = {
        "person": [f"id-{number:05d}" for number in random.permutation(n)],
        "age": age.tolist(),
        "months": (age * 12).tolist(),
        "city": [f"city {one}" for one in city],
        "height": [None if np.isnan(one) else one for one in height],
        "coin": random.choice(["heads", "tails"], n).tolist(),
        "noise": random.normal(size=n).tolist(),
        "country": ["here"] * n,
        "empty": [None] * n,
        "verdict": np.where(label, "accepted", "refused").tolist(),
        "remark": [" ".join(random.choice(["a", "few", "plain", "words", "of", "text"], 8)) for _ in range(n)],
    }
    return columns, np.where(label, "yes", "no")


STAYS = ["age", "city", "height", "remark"]


@pytest.fixture(scope="module")
def fitted() -> FeatureSelector:
    columns, y = mixed()
    return FeatureSelector(max_rounds=20).fit(pl.DataFrame(columns), y)


def test_each_column_that_goes_has_its_reason(fitted: FeatureSelector) -> None:
    codes = {name: one.code for name, one in fitted.verdicts_.items()}
    assert codes == {
        "person": "F001", "verdict": "F002", "country": "F003", "empty": "F003", "months": "F004",
        "coin": "F005", "noise": "F005",
    }  # fmt: skip
    assert fitted.get_feature_names_out().tolist() == STAYS
    assert fitted.get_support(indices=True).tolist() == [1, 3, 4, 10]


def test_a_frame_stays_a_frame_of_its_type(fitted: FeatureSelector) -> None:
    columns, y = mixed()
    assert fitted.transform(pl.DataFrame(columns)).columns == STAYS
    frame = pd.DataFrame(columns, index=np.arange(300) + 7)
    made = FeatureSelector(max_rounds=4).fit(frame, y).transform(frame)
    assert made.columns.tolist()[:1] == ["age"]
    assert made.index.equals(frame.index)
    assert fitted.transform(pl.DataFrame(columns).to_arrow()).column_names == STAYS


def test_columns_in_another_order_are_refused(fitted: FeatureSelector) -> None:
    frame = pd.DataFrame(mixed()[0])
    with pytest.raises(ValueError, match="feature names"):
        fitted.transform(frame[frame.columns[::-1]])


def test_it_selects_inside_of_folds() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(150, 6)), random.integers(0, 2, 150)
    X[:, 3] += 2 * y
    model = make_pipeline(FeatureSelector(max_rounds=4), HistGradientBoostingClassifier(max_iter=3))
    assert cross_val_score(model, X, y, cv=2).mean() > 0.75


def test_without_any_relation_no_column_is_called_useless() -> None:
    random = np.random.default_rng(1)
    selector = FeatureSelector(max_rounds=10).fit(random.normal(size=(200, 4)), random.integers(0, 2, 200))
    assert selector.support_.all()
    assert not selector.verdicts_


def test_one_class_and_columns_that_all_name_rows_are_no_crash() -> None:
    with pytest.raises(LabelsError, match="at least two classes"):
        FeatureSelector().fit(np.zeros((5, 1)), np.zeros(5))
    only = np.arange(100.0)[:, None]
    assert FeatureSelector().fit(only, np.arange(100) % 2).support_.all()
    leak_alone = (np.arange(100) % 2).astype(float)[:, None]
    assert FeatureSelector().fit(leak_alone, np.arange(100) % 2).support_.all()


def test_a_useless_column_stays_rather_than_a_leak() -> None:
    y = np.arange(60) % 2
    X = pd.DataFrame({"told": 10 - 2 * y, "noise": np.random.default_rng(0).normal(size=60)})
    assert FeatureSelector().fit(X, y).get_feature_names_out().tolist() == ["noise"]
    assert FeatureSelector().fit(X[["told"]], y).get_feature_names_out().tolist() == ["told"]
