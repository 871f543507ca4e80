"""Plain labels in the shares of soft ones."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.soft_labels.drawn_labels import drawn_labels


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
