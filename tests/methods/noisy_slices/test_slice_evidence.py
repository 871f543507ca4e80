"""The label transition inside one slice."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.condition import Condition, stack
from dechaff.methods.noisy_slices.slice_evidence import (
    critical_z,
    excess_disagreement,
    expected_agreement,
    slice_transition,
)


def seen(true, k, *, sure=0.95):
    """Probabilities of a model that is right."""
    return np.full((len(true), k), (1 - sure) / (k - 1)) + np.eye(k)[true] * (sure - (1 - sure) / (k - 1))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_classes_that_are_moved_round_are_swapped(k):
    true = np.arange(200) % k
    found = slice_transition((true + 1) % k, seen(true, k))
    assert found.nature == "swapped"
    assert found.noise_rate > 0.95
    assert (found.posterior.argmax(axis=1) == true).all()


@pytest.mark.parametrize("k", [2, 3, 5])
def test_labels_drawn_anew_are_random(k):
    true = np.arange(300) % k
    found = slice_transition(np.random.default_rng(0).integers(0, k, 300), seen(true, k))
    assert found.nature == "random"
    assert found.noise_rate == pytest.approx(1 - 1 / k, abs=0.1)


def test_a_quarter_of_wrong_labels_is_partly_wrong():
    true = np.arange(300) % 2
    found = slice_transition(np.where(np.arange(300) % 4 == 0, 1 - true, true), seen(true, 2))
    assert found.nature == "partly wrong"
    assert found.noise_rate == pytest.approx(1 / 4, abs=0.05)


def test_sound_labels_have_no_noise():
    true = np.arange(200) % 3
    assert slice_transition(true, seen(true, 3)).noise_rate < 0.05


def test_one_class_and_one_row_are_no_trouble():
    found = slice_transition(np.array([0]), np.array([[0.3, 0.7]]))
    assert found.posterior.shape == (1, 2)
    assert np.isfinite(found.noise_rate)
    assert np.isfinite(slice_transition(np.zeros(50, np.int64), np.tile([1.0, 0.0], (50, 1))).information)


def test_a_class_without_rows_keeps_a_column_that_sums_to_one():
    true = np.arange(100) % 2
    found = slice_transition(1 - true, np.hstack([seen(true, 2), np.zeros((100, 1))]))
    assert found.transition.sum(axis=0) == pytest.approx(np.ones(3))
    assert found.nature == "swapped"


ANY = Condition("any", ("x",), incidental=False)
SURE = np.tile([0.9, 0.1], (10, 1))


def z_of(labels, probs, expected, mask, among=None):
    among = np.ones(len(labels), bool) if among is None else among
    conditions = stack([(ANY, np.asarray(mask))], len(labels))
    return float(excess_disagreement(labels, probs, expected, conditions, among=among)[0])


def test_the_z_is_that_of_a_sum_of_bernoulli_variables():
    # Four rows that should agree nine times in ten, and none does: (4 · 0.9 - 0) / sqrt(4 · 0.09) = 6.
    labels, mask = np.array([1] * 4 + [0] * 6), np.arange(10) < 4
    assert z_of(labels, SURE, np.full(10, 0.9), mask) == pytest.approx(6.0)


def test_a_slice_that_agrees_as_often_as_expected_has_none():
    labels = np.array([1] + [0] * 9)
    assert z_of(labels, SURE, np.full(10, 0.9), np.ones(10, bool)) == pytest.approx(0.0, abs=1e-12)


def test_rows_on_which_the_model_is_unsure_say_little():
    labels, mask = np.ones(10, dtype=np.int64), np.arange(10) < 4
    assert z_of(labels, SURE, np.full(10, 0.5), mask) < z_of(labels, SURE, np.full(10, 0.9), mask)


def test_one_disagreement_with_a_saturated_model_is_not_infinite():
    labels = np.array([1] + [0] * 9)
    assert z_of(labels, SURE, np.ones(10), np.arange(10) == 0) == pytest.approx(10.0)


def test_rows_that_do_not_count_are_left_out_of_every_slice():
    labels, mask = np.array([1] * 4 + [0] * 6), np.arange(10) < 4
    assert z_of(labels, SURE, np.full(10, 0.9), mask, among=~mask) == 0.0


def test_the_expectation_is_what_the_other_rows_show_at_this_confidence():
    probs = np.array([[0.6, 0.4]] * 10 + [[0.9, 0.1]] * 10)
    labels = np.array([0] * 5 + [1] * 5 + [0] * 10)
    expected = expected_agreement(labels, probs, among=np.ones(20, bool))
    assert expected[0] == pytest.approx(0.5)
    assert expected[-1] == pytest.approx(1.0)


def test_the_bound_grows_with_the_number_of_conditions_tried():
    assert critical_z(1, level=0.05) == pytest.approx(1.645, abs=1e-3)
    assert critical_z(1000, level=0.05) > critical_z(10, level=0.05)
    assert critical_z(0, level=0.05) == critical_z(1, level=0.05)
