"""Soft labels and what they say of the truth."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.soft_labels.soft_posterior import divergence, drawn_labels, soft_posterior

TRANSITION = np.array([[0.9, 0.2, 0.1], [0.05, 0.7, 0.2], [0.05, 0.1, 0.7]])


def test_a_plain_label_counts_by_bayes_rule():
    true = np.random.default_rng(0).dirichlet(np.ones(3), 5)
    labels = np.array([0, 1, 2, 0, 1])
    expected = TRANSITION[labels] * true
    found = soft_posterior(np.eye(3)[labels], true, transition=TRANSITION)
    assert found == pytest.approx(expected / expected.sum(axis=1, keepdims=True))


def test_an_even_label_under_even_noise_says_nothing():
    even = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    true = np.array([[0.6, 0.3, 0.1]])
    assert soft_posterior(np.full((1, 3), 1 / 3), true, transition=even) == pytest.approx(true)


def test_a_surer_label_moves_further():
    true = np.full((3, 3), 1 / 3)
    soft = np.array([[0.4, 0.3, 0.3], [0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    assert np.all(np.diff(soft_posterior(soft, true, transition=TRANSITION)[:, 0]) > 0)


def test_zeros_in_the_transition_leave_numbers():
    found = soft_posterior(np.eye(2), np.eye(2)[::-1], transition=np.eye(2))
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx([1, 1])


def test_divergence_goes_from_none_to_one():
    soft = np.array([[1.0, 0.0], [0.5, 0.5], [0.3, 0.7]])
    other = np.array([[0.0, 1.0], [0.5, 0.5], [0.7, 0.3]])
    found = divergence(soft, other)
    assert found[:2].tolist() == [1, 0]
    assert 0 < found[2] < 1
    assert found == pytest.approx(divergence(other, soft))


def test_classes_come_in_their_shares():
    soft = np.tile([0.2, 0.5, 0.3], (1000, 1))
    assert np.bincount(drawn_labels(soft)) / 1000 == pytest.approx([0.2, 0.5, 0.3], abs=0.003)


def test_a_plain_label_stays_what_it_is():
    labels = np.random.default_rng(0).integers(0, 7, 500)
    assert np.array_equal(drawn_labels(np.eye(7)[labels]), labels)


def test_no_class_of_share_zero_is_drawn():
    soft = np.random.default_rng(0).dirichlet(np.ones(4), 3000) * np.array([0, 1, 1, 0])
    soft = soft / soft.sum(axis=1, keepdims=True) * (1 - 1e-9)
    assert set(drawn_labels(soft).tolist()) == {1, 2}
