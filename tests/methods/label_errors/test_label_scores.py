from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.label_scores import adjusted_probs, self_doubt


def test_a_class_of_which_the_model_is_unsure_no_longer_looks_wrong() -> None:
    labels = np.repeat([0, 1], 50)
    probs = np.repeat([[0.95, 0.05], [0.45, 0.55]], 50, axis=0)
    doubt = self_doubt(labels, adjusted_probs(labels, probs))
    assert self_doubt(labels, probs)[labels == 1].min() > 0.4
    assert np.ptp(doubt) < 0.05


def test_equal_thresholds_leave_the_probabilities_alone() -> None:
    labels, probs = np.array([0, 1]), np.array([[0.8, 0.2], [0.2, 0.8]])
    np.testing.assert_allclose(adjusted_probs(labels, probs), probs)


def test_a_class_that_no_row_is_labelled_with_gains_nothing() -> None:
    labels, probs = np.array([0, 1]), np.array([[0.7, 0.2, 0.1], [0.4, 0.4, 0.2]])
    moved = adjusted_probs(labels, probs)
    np.testing.assert_allclose(moved[:, 2] / moved[:, 0], probs[:, 2] / probs[:, 0])


def test_no_rows_stay_no_rows() -> None:
    assert adjusted_probs(np.zeros(0, dtype=np.int64), np.zeros((0, 3))).shape == (0, 3)
