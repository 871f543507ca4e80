from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.class_health import (
    class_noise,
    label_health,
    overlapping_classes,
    overlapping_pairs,
    rare_classes,
    true_class_noise,
)


def test_the_score_falls_with_the_rows_and_ends_at_enough() -> None:
    assert rare_classes(np.array([0, 2, 5, 10, 5000])).tolist() == [1.0, 0.8, 0.5, 0.0, 0.0]
    assert rare_classes(np.empty(0, dtype=np.int64)).tolist() == []


JOINT = np.array([[8.0, 2.0, 0.0], [0.0, 5.0, 0.0], [3.0, 2.0, 0.0]])


def test_noise_is_counted_by_given_label_and_by_true_class() -> None:
    np.testing.assert_allclose(class_noise(JOINT), [0.2, 0.0, 1.0])
    np.testing.assert_allclose(true_class_noise(JOINT), [3 / 11, 4 / 9, 0.0])


def test_health_is_the_share_on_the_diagonal() -> None:
    assert label_health(JOINT) == 13 / 20
    assert label_health(np.zeros((2, 2))) == 1.0


def test_pairs_add_up_what_the_ordered_ones_tell_apart() -> None:
    ordered, pairs = overlapping_classes(JOINT), overlapping_pairs(JOINT)
    assert list(zip(pairs.first, pairs.second, pairs.rows, strict=True)) == [(0, 2, 3.0), (0, 1, 2.0), (1, 2, 2.0)]
    assert pairs.rows.sum() == ordered.rows.sum()
