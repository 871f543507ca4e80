"""Other class shares, and no wrong label."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.noisy_slices.share_shift import only_other_shares
from dechaff.methods.noisy_slices.slice_transition import slice_transition

EVEN = np.array([0.5, 0.5])


def readings(share, *, n=200):
    """True classes, ``share`` of them 1, and what a model says that was trained on equal shares."""
    rng = np.random.default_rng(0)
    true = (rng.random(n) < share).astype(np.int64)
    odds = np.exp(2 * (rng.normal(size=n) + 2 * true) - 2)
    return true, np.column_stack([1 / (1 + odds), odds / (1 + odds)])


def explained(labels, probs, prior=EVEN):
    return only_other_shares(labels, probs, prior, slice_transition(labels, probs))


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_sound_labels_are_explained_by_their_shares(share):
    assert explained(*readings(share))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.95])
def test_swapped_labels_are_not_even_where_the_classes_are_unbalanced(share):
    true, probs = readings(share)
    assert not explained(1 - true, probs)


def test_random_labels_are_not():
    _, probs = readings(0.5)
    assert not explained(np.random.default_rng(1).integers(0, 2, 200), probs)


def test_one_label_for_rows_of_both_classes_is_wrong():
    _, probs = readings(0.5)
    assert not explained(np.zeros(200, np.int64), probs)


def test_one_label_for_rows_of_one_class_is_sound():
    true, probs = readings(0.0)
    assert explained(true, probs)


def test_certain_probabilities_and_a_class_without_share_do_no_harm():
    probs = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert explained(np.array([0, 0, 1]), probs, np.array([0.5, 0.5, 0.0]))
