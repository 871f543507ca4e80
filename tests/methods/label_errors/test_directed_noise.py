"""Noise that goes one way."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.label_errors.directed_noise import directed_fraction, sameness


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


def test_labels_that_fall_anywhere_are_seldom_the_same_and_those_of_one_direction_always() -> None:
    anywhere, one_way = np.full((5, 5), 50), np.zeros((5, 5), dtype=np.int64)
    one_way[1, 0] = 20
    assert sameness(anywhere, np.ones(5)) == pytest.approx(0, abs=0.01)
    assert sameness(one_way, np.ones(5)) == 1
    assert sameness(one_way + one_way.T, np.ones(5)) == 1


def test_sameness_is_not_raised_by_few_labels() -> None:
    rng = np.random.default_rng(0)
    drawn = [np.array([rng.multinomial(4, np.full(5, 0.2)) for _ in range(5)]).T for _ in range(400)]
    assert np.mean([sameness(labels, np.ones(5)) for labels in drawn]) == pytest.approx(0, abs=0.03)


def test_sameness_done_by_hand() -> None:
    labels = np.array([[80, 0, 1], [3, 90, 1], [1, 10, 90]])
    # Of the pairs of wrong labels in column 0, 3 of 6 are the same; by chance, half are.
    assert sameness(labels, np.array([1.0, 0.0, 0.0])) == pytest.approx(0)
    assert sameness(labels, np.array([0.0, 1.0, 0.0])) == 1
    assert sameness(labels, np.array([1.0, 1.0, 0.0])) == pytest.approx(2 * (3 * 2 + 10 * 9) / (4 * 3 + 10 * 9) - 1)


def test_nothing_wrong_is_never_the_same() -> None:
    assert sameness(np.eye(3, dtype=np.int64) * 10, np.ones(3)) == 0
    assert sameness(np.eye(3, dtype=np.int64) * 10, np.zeros(3)) == 0
    assert sameness(np.full((2, 2), 5), np.ones(2)) == 0
    assert sameness(np.zeros((1, 1), dtype=np.int64), np.ones(1)) == 0
