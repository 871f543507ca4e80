"""The linear classifier of least risk: logistic regression where all is labelled, and never a better one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from dechaff.errors import InputError
from dechaff.methods.pu.linear_risk import least_non_negative_risk, least_unbiased_risk
from dechaff.methods.pu.risk import Samples, pu_risk, samples
from dechaff.models.teaching.losses import LOGISTIC

BOTH = pytest.mark.parametrize("least", [least_unbiased_risk, least_non_negative_risk])


def many_features() -> tuple[np.ndarray, Samples]:
    """Few rows, many features: any labelled rows can be told from any others."""
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 80)), random.random(60) < 0.5
    X[:, 0] += 2 * y
    return X, samples(y & (random.random(60) < 0.5), "single-training-set")


def non_negative(X: np.ndarray, rows: Samples, weights: np.ndarray, penalty: float) -> float:
    risk = pu_risk(X @ weights[:-1] + weights[-1], rows, 0.5, loss=LOGISTIC)
    return risk.non_negative + penalty / 2 * float(weights[:-1] @ weights[:-1])


@BOTH
def test_where_every_positive_is_labelled_it_is_logistic_regression(least: Callable) -> None:
    random = np.random.default_rng(0)
    y = random.random(400) < 0.4
    X = random.normal(size=(400, 3)) + 1.5 * y[:, None]
    found = least(X, samples(y, "single-training-set"), y.mean(), penalty=1 / 400)
    expected = LogisticRegression(C=1, tol=1e-10).fit(X, y)
    assert np.allclose(found, [*expected.coef_[0], expected.intercept_[0]], atol=1e-5)
    assert np.allclose(least(sp.csr_array(X), samples(y, "single-training-set"), y.mean(), penalty=1 / 400), found)


def test_both_are_one_where_the_negative_part_is_not_below_0() -> None:
    random = np.random.default_rng(1)
    y = random.random(2000) < 0.4
    X, rows = random.normal(size=(2000, 2)) + y[:, None], samples(y & (random.random(2000) < 0.5), "case-control")
    assert np.array_equal(
        *(least(X, rows, 0.25, penalty=0.001) for least in (least_unbiased_risk, least_non_negative_risk))
    )


@pytest.mark.parametrize("penalty", [0.02, 0.001])
def test_no_other_weights_have_a_lower_non_negative_risk(penalty: float) -> None:
    X, rows = many_features()
    unbiased = least_unbiased_risk(X, rows, 0.5, penalty=penalty)
    assert pu_risk(X @ unbiased[:-1] + unbiased[-1], rows, 0.5, loss=LOGISTIC).negative < -1
    best = least_non_negative_risk(X, rows, 0.5, penalty=penalty)
    least = non_negative(X, rows, best, penalty)
    random = np.random.default_rng(2)
    for size in (1e-1, 1e-2, 1e-3):
        for _ in range(100):
            assert non_negative(X, rows, best + size * random.normal(size=81), penalty) > least - 2e-6


def test_a_plain_descent_comes_near_it_and_not_below() -> None:
    """Down the slope of the larger of two convex functions, with shorter and shorter steps."""
    (X, rows), penalty = many_features(), 0.3
    ones, w, b, lowest = np.ones(60), np.zeros(80), 0.0, np.inf
    for step in range(1, 3001):
        scores = X @ w + b
        slopes = 0.5 * rows.positives * LOGISTIC.slope(scores, ones)
        if pu_risk(scores, rows, 0.5, loss=LOGISTIC).negative > 0:
            slopes += (rows.population - 0.5 * rows.positives) * LOGISTIC.slope(scores, -ones)
        w, b = w - 0.3 / np.sqrt(step) * (X.T @ slopes + penalty * w), b - 0.3 / np.sqrt(step) * slopes.sum()
        lowest = min(lowest, non_negative(X, rows, np.append(w, b), penalty)) if step % 20 == 0 else lowest
    least = non_negative(X, rows, least_non_negative_risk(X, rows, 0.5, penalty=penalty), penalty)
    assert least - 1e-6 < lowest < 1.05 * least


@BOTH
def test_numbers_out_of_range_are_refused(least: Callable) -> None:
    X, rows = many_features()
    with pytest.raises(InputError, match="class_prior must be above 0 and below 1"):
        least(X, rows, 1.0, penalty=0.1)
    with pytest.raises(InputError, match="penalty must be above 0"):
        least(X, rows, 0.5, penalty=0.0)
