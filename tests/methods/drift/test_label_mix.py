"""Rows with the same mix of classes."""

from __future__ import annotations

import numpy as np

from dechaff.methods.drift.label_mix import same_label_mix


def test_both_samples_get_the_same_proportions() -> None:
    rng = np.random.default_rng(0)
    sample = np.repeat([0, 1], [900, 300])
    labels = np.where(rng.random(1200) < np.where(sample == 1, 0.7, 0.2), 1, 0)
    rows = same_label_mix(labels, sample, random=rng)
    shares = [labels[rows][sample[rows] == one].mean() for one in (0, 1)]
    assert abs(shares[0] - shares[1]) < 0.01
    assert (np.diff(rows) > 0).all()


def test_rows_without_a_label_and_classes_of_one_sample_are_left_out() -> None:
    labels, sample = np.array([-1, 0, 0, 1, -1, 0]), np.array([0, 0, 0, 0, 1, 1])
    rows = same_label_mix(labels, sample, random=np.random.default_rng(0))
    assert set(labels[rows]) == {0}


def test_without_labels_in_one_sample_no_row_is_left() -> None:
    labels, sample = np.array([0, 1, -1]), np.array([0, 0, 1])
    assert len(same_label_mix(labels, sample, random=np.random.default_rng(0))) == 0
