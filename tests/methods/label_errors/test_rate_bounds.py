"""The bounds of the noise rate hold for made noise, for labels that overlap, and for errors that the model repeats."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates, estimate_label_errors
from dechaff.methods.label_errors.noise_readings import Readings
from dechaff.methods.label_errors.rate_bounds import rate_bounds


def judged(features: np.ndarray, labels: np.ndarray) -> LabelErrorEstimates:
    model = LogisticRegression(max_iter=300)
    return estimate_label_errors(labels, cross_val_predict(model, features, labels, cv=5, method="predict_proba"))


def blobs(spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    centers = [[-3, -3], [-3, 3], [3, 3], [3, -3]]
    features, classes = make_blobs(2000, centers=centers, cluster_std=spread, random_state=seed)[:2]
    return features, classes


@pytest.mark.parametrize("seed", range(3))
def test_noise_that_goes_one_way_has_a_narrow_interval_that_holds_it(seed: int) -> None:
    features, true = blobs(1.0, seed)
    wrong = np.random.default_rng(seed).random(2000) < 0.25
    found = judged(features, np.where(wrong, (true + 1) % 4, true))
    assert found.rate_low <= wrong.mean() <= found.rate_high
    assert found.rate_low > 0.1
    assert found.rate_high < 0.4


@pytest.mark.parametrize("seed", range(3))
def test_right_labels_of_classes_that_overlap_may_all_be_right(seed: int) -> None:
    assert judged(*blobs(3.0, seed)).rate_low == 0


@pytest.mark.parametrize("seed", range(3))
def test_labels_of_a_rule_that_the_model_learns_are_within_the_interval(seed: int) -> None:
    """The rule is a boundary of its own: the model repeats it, and most wrong labels look right."""
    features = np.random.default_rng(seed).normal(size=(2000, 2))
    true, given = (features[:, 0] > 0).astype(np.int64), (features @ [1.0, 0.6] + 0.2 > 0).astype(np.int64)
    noisy = np.where(np.random.default_rng(seed).random(2000) < 0.04, 1 - given, given)
    found = judged(features, noisy)
    assert found.flag[noisy != true].mean() < 0.3
    assert found.rate < (noisy != true).mean() <= found.rate_high


def test_of_people_the_interval_holds_errors_on_hard_rows() -> None:
    features, true = load_digits(return_X_y=True)
    probs = cross_val_predict(
        LogisticRegression(C=0.001, max_iter=300), features / 16, true, cv=5, method="predict_proba"
    )
    drawn = (np.random.default_rng(0).random(len(true))[:, None] > probs.cumsum(axis=1)).sum(axis=1).clip(max=9)
    given = np.where(np.random.default_rng(1).random(len(true)) < 0.4, drawn, true)
    found = judged(features / 16, given)
    assert found.rate_low <= (given != true).mean() <= found.rate_high


def test_two_classes_are_not_proved_noisy_by_a_draw() -> None:
    readings = Readings(0.2, 0.2, 0.2, 0.25, stray_folds=False, uniform=0.2)
    assert rate_bounds(readings, one_way=0.0, n_classes=2)[0] == 0
    assert rate_bounds(readings, one_way=0.0, n_classes=3)[0] > 0.1


def test_the_more_labels_the_model_contradicts_the_fewer_errors_it_repeats() -> None:
    few, many = (Readings(rate, rate, rate, rate, stray_folds=False) for rate in (0.1, 0.5))
    (_, of_few), (_, of_many) = (rate_bounds(one, one_way=0.0, n_classes=3) for one in (few, many))
    assert of_few > 3 * 0.1
    assert of_many < 0.55


def test_nothing_seen_proves_nothing() -> None:
    assert rate_bounds(Readings(0, 0, 0, 0, stray_folds=False), one_way=0.0, n_classes=3) == (0.0, 0.0)
