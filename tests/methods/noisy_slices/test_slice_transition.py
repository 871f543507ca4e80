"""The label transition inside one slice."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.slice_evidence import slice_transition


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
