"""How far T is believed, by the signs of the noise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
from dechaff.methods.label_errors.noise_readings import directed_fraction, trust_in_transition
from tests.methods.label_errors.made import made, pair_noise


def test_trust_in_t_grows_with_the_direction() -> None:
    assert trust_in_transition(0.0, n_classes=6) == pytest.approx(0.1 / 0.65)
    assert trust_in_transition(0.6, n_classes=6) == 1
    assert trust_in_transition(0.2, n_classes=2) == 0
    assert trust_in_transition(0.5, n_classes=2) == 1


@pytest.mark.parametrize("seed", range(3))
def test_one_class_mistaken_for_one_other_is_left_to_t(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, 1500)
    features = rng.normal(size=(1500, 2)) + np.array([[0, 0], [3, 0], [0, 3]])[true]
    wrong = (true == 0) & (rng.random(1500) < 0.2)
    labels = np.where(wrong, 1, true)
    probs = cross_val_predict(LogisticRegression(), features, labels, cv=5, method="predict_proba")
    found = estimate_label_errors(labels, probs)
    assert found.transition[1, 0] > 0.12 > 3 * found.transition[2, 0]


def weak(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """True classes that overlap in pairs, and features that tell the pairs apart better than their classes."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 6, 2500)
    centres = 2.2 * np.eye(3)[[0, 0, 1, 1, 2, 2]]
    centres = np.hstack([centres, np.array([[0.6], [-0.6]] * 3)])
    return true, centres[true] + rng.normal(size=(2500, 4))


@pytest.mark.parametrize("seed", range(3))
def test_a_weak_model_ranks_random_errors_no_worse_than_its_own_doubt(seed: int) -> None:
    true, features = weak(seed)
    rng = np.random.default_rng(seed + 100)
    wrong = rng.random(len(true)) < 0.2
    labels = np.where(wrong, (true + rng.integers(1, 6, len(true))) % 6, true)
    probs = cross_val_predict(LogisticRegression(), features, labels, cv=3, method="predict_proba")
    plain = average_precision_score(wrong, 1 - probs[np.arange(len(true)), labels])
    assert average_precision_score(wrong, estimate_label_errors(labels, probs).log_odds) >= plain - 0.01


def test_errors_that_go_one_way_are_still_found_by_t() -> None:
    data = made(pair_noise(5, 0.25), n=6000, skill=2.0)
    found = estimate_label_errors(data.labels, data.probs)
    plain = average_precision_score(data.wrong, 1 - data.probs[np.arange(6000), data.labels])
    assert average_precision_score(data.wrong, found.log_odds) > plain + 0.05


@pytest.mark.parametrize("rate", [0.2, 0.4])
def test_of_two_classes_a_hard_one_is_not_taken_for_a_noisy_one(rate: float) -> None:
    rng = np.random.default_rng(0)
    true = (rng.random(3000) < 0.25).astype(int)
    seen = rng.normal(size=3000) + 1.2 * true
    odds = 1 / (1 + np.exp(-(1.2 * seen - 1.8)))  # the rare class is never sure
    wrong = rng.random(3000) < rate
    labels = np.where(wrong, 1 - true, true)
    one = rate + (1 - 2 * rate) * odds
    probs = np.stack([1 - one, one], axis=1)
    plain = average_precision_score(wrong, 1 - probs[np.arange(3000), labels])
    assert average_precision_score(wrong, estimate_label_errors(labels, probs).log_odds) >= plain - 0.01


def counts(rates: np.ndarray, rows: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.multinomial(rows, rates[:, j]) for j in range(len(rates))], axis=1)


def test_a_case_done_by_hand() -> None:
    # Classes of 100 rows; .3 of class 1 are called 0, .1 of class 0 are called 1: a difference of .2 of .4 in all.
    # Variances: (.3 + 1/200) .7 / 100 = .002135 and (.1 + 1/200) .9 / 100 = .000945; .8 * sqrt(.00308) = .0444. By
    # squares it is (.2**2 - .00308) / .4**2 = .23, less .1.
    assert directed_fraction(np.array([[90, 30], [10, 70]])) == pytest.approx((0.2 - 0.0444) / 0.4, abs=1e-3)


@pytest.mark.parametrize("k", [2, 4, 10])
def test_symmetric_noise_has_no_direction(k: int) -> None:
    rates = np.full((k, k), 0.3 / (k - 1)) + np.eye(k) * (0.7 - 0.3 / (k - 1))
    shares = [directed_fraction(counts(rates, 200, seed)) for seed in range(30)]
    assert np.mean(shares) < 0.1


def test_classes_that_overlap_have_no_direction() -> None:
    rates = np.array([[0.7, 0.25, 0.0], [0.25, 0.7, 0.1], [0.05, 0.05, 0.9]])
    assert directed_fraction(counts(rates, 400)) < 0.2


def test_each_class_called_the_next_is_all_direction() -> None:
    rates = 0.7 * np.eye(5) + 0.3 * np.roll(np.eye(5), 1, axis=0)
    assert directed_fraction(counts(rates, 200)) > 0.8


def test_a_direction_is_seen_among_many_classes_of_few_rows() -> None:
    rates = 0.84 * np.eye(100) + sum(0.16 / 3 * np.roll(np.eye(100), step, axis=0) for step in (3, 11, 30))
    assert directed_fraction(counts(rates, 80)) > 0.3
    even = np.full((100, 100), 0.16 / 99) + np.eye(100) * (0.84 - 0.16 / 99)
    assert directed_fraction(counts(even, 80)) < 0.05


def test_classes_without_rows_have_no_direction() -> None:
    assert directed_fraction(np.zeros((4, 4), dtype=np.int64)) == 0
    assert directed_fraction(np.zeros((1, 1), dtype=np.int64)) == 0
