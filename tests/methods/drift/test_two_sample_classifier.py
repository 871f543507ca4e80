"""Telling two samples of rows apart."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dechaff.methods.drift.two_sample_classifier import two_sample_classifier
from dechaff.typing import FitPredict


def logistic(rows: np.ndarray) -> FitPredict:
    def fit_predict(fitted: np.ndarray, codes: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        return np.asarray(LogisticRegression().fit(rows[fitted], codes).predict_proba(rows[predicted]))

    return fit_predict


def test_rows_that_differ_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    sample = np.repeat([0, 1], [200, 100])
    found = two_sample_classifier(logistic(rng.normal(size=(300, 3)) + sample[:, None]), sample, random=rng)
    assert found is not None
    assert found.p_value == pytest.approx(0.002)
    assert found.auc > 0.8 > found.high > 0.5 > found.low


def test_one_distribution_has_small_p_values_as_rarely_as_stated() -> None:
    rng, p_values = np.random.default_rng(1), []
    for _ in range(200):
        sample = rng.permutation(np.repeat([0, 1], [80, 40]))
        found = two_sample_classifier(logistic(rng.normal(size=(120, 5))), sample, random=rng, permutations=99)
        assert found is not None
        p_values.append(found.p_value)
    assert (np.array(p_values) <= 0.1).mean() <= 0.15


def test_a_sample_of_too_few_rows_is_not_compared() -> None:
    sample = np.array([0] * 20 + [1] * 3)
    assert two_sample_classifier(logistic(np.zeros((23, 1))), sample, random=np.random.default_rng(0)) is None
