"""The interval of the recall holds the truth for errors that are made, and for errors that the model repeats."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

import dechaff


def found_in(features: np.ndarray, given: np.ndarray) -> dechaff.labels.LabelErrors:
    probs = cross_val_predict(LogisticRegression(), features, given, cv=5, method="predict_proba")
    return dechaff.find_label_errors(given, probs)


@pytest.mark.parametrize("seed", range(3))
def test_errors_of_a_rule_that_the_model_learns_are_allowed_for(seed: int) -> None:
    random = np.random.default_rng(seed)
    features = random.normal(size=(2000, 2))
    true, rule = (features[:, 0] > 0).astype(np.int64), (features @ [1.0, 0.6] + 0.2 > 0).astype(np.int64)
    given = np.where(random.random(2000) < 0.04, 1 - rule, rule)
    found = found_in(features, given)
    recall, hit = found.estimated_recall(), found.flag[given != true].mean()
    assert hit < 0.5 < recall.value  # at most so many: most errors look right
    assert recall.low <= hit <= recall.high


@pytest.mark.parametrize("seed", range(3))
def test_errors_that_go_one_way_are_found_as_often_as_injected_ones(seed: int) -> None:
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, 1500)
    features = 3 * np.eye(3)[true] + random.normal(size=(1500, 3))
    given = np.where(random.random(1500) < 0.2, (true + 1) % 3, true)
    found = found_in(features, given)
    recall, hit = found.estimated_recall(), found.flag[given != true].mean()
    assert recall.low <= hit <= recall.high
    assert recall.low > 0.3
    assert recall.value > hit - 0.05


def test_where_nothing_is_wrong_the_recall_is_not_known() -> None:
    sure = np.eye(2)[np.arange(100) % 2] * 0.98 + 0.01
    recall = dechaff.find_label_errors(np.arange(100) % 2, sure).estimated_recall()
    assert recall.low == 0
