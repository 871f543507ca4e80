"""Labels drawn at random, as a share."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from dechaff.core.over_arrays import over_arrays
from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_errors.near_classes import NearClasses
from dechaff.methods.label_errors.uniform_noise import (
    GivenLogs,
    UniformNoise,
    uniform_noise,
)
from tests.methods.label_errors.made import made, pair_noise


def drawn(labels: np.ndarray, k: int, rate: float) -> np.ndarray:
    """As many labels as the rate says drawn among the other classes."""
    rng = np.random.default_rng(5)
    wrong = rng.random(len(labels)) < rate
    return np.where(wrong, (labels + rng.integers(1, k, len(labels))) % k, labels)


@pytest.mark.parametrize("skill", [1.0, 2.0, 4.0])
def test_the_share_is_found_however_far_the_classes_overlap(skill: float) -> None:
    clean = made(np.eye(6), n=8000, skill=skill)
    noisy = drawn(clean.labels, 6, 0.2)
    assert uniform_noise(noisy, clean.probs).rate == pytest.approx(0.2, abs=0.025)


@pytest.mark.parametrize("skill", [1.0, 2.0, 4.0])
def test_overlap_of_classes_is_no_random_draw(skill: float) -> None:
    clean = made(np.eye(6), n=8000, skill=skill)
    assert uniform_noise(clean.labels, clean.probs).rate < 0.02


def test_labels_that_go_one_way_are_no_random_draw() -> None:
    swapped = made(pair_noise(6, 0.2), n=8000, skill=3.0)
    assert uniform_noise(swapped.labels, swapped.probs).rate < 0.02


def test_a_softened_model_says_the_same() -> None:
    clean = made(np.eye(6), n=8000, skill=2.0)
    soft = clean.probs**0.6
    assert uniform_noise(drawn(clean.labels, 6, 0.2), soft / soft.sum(axis=1, keepdims=True)).rate > 0.15


def test_a_mixture_done_by_hand() -> None:
    # The mixture gives the likely label .9 where .98 - s (.98 - 1/3) = .9: s = .1237, of which two thirds are wrong. A
    # sharper model explains the two values as well, with up to s = .15.
    probs = np.repeat([[0.98, 0.01, 0.01]], 1000, axis=0)
    labels = np.repeat([0, 1, 2], [900, 50, 50])
    assert 0.0825 - 0.001 <= uniform_noise(labels, probs).rate <= 0.1 + 0.001


def test_a_draw_is_told_from_an_overlap() -> None:
    clean = made(np.eye(6), n=8000, skill=2.0)
    assert uniform_noise(drawn(clean.labels, 6, 0.2), clean.probs).seen() == 1
    assert uniform_noise(clean.labels, clean.probs).seen() < 0.5


def test_no_rows_have_no_noise() -> None:
    empty = NearClasses(3).rows({"labels": np.empty(0, dtype=np.int64), "probs": np.empty((0, 3))})
    assert over_arrays(labels=np.empty(0, dtype=np.int64), near=empty)(GivenLogs(3, 1.0)) == UniformNoise(0.0, 0.0)


def drawn_by_class(true: np.ndarray, rates: np.ndarray, seed: int = 5) -> np.ndarray:
    """Labels of each class drawn among the others at its rate."""
    rng = np.random.default_rng(seed)
    k = len(rates)
    return np.where(rng.random(len(true)) < rates[true], (true + rng.integers(1, k, len(true))) % k, true)


@pytest.mark.parametrize("seed", range(3))
def test_one_noisy_class_is_ranked_no_worse_than_by_the_models_doubt(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = 0.8 * rng.normal(size=(6, 8))
    true = rng.integers(0, 6, 2500)
    features = centres[true] + rng.normal(size=(2500, 8))
    labels = drawn_by_class(true, np.where(np.arange(6) == 1, 0.3, 0.02), seed)
    probs = cross_val_predict(LogisticRegression(), features, labels, cv=3, method="predict_proba")
    wrong, plain = labels != true, 1 - probs[np.arange(2500), labels]
    found = average_precision_score(wrong, estimate_label_errors(labels, probs).log_odds)
    assert found > average_precision_score(wrong, plain) - 0.005
