"""How far the labels of a slice disagree beyond the model's confidence."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.condition import Condition, stack
from dechaff.methods.noisy_slices.slice_evidence import critical_z, excess_disagreement, expected_agreement

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
