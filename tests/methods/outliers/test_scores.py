"""Scores of rows that do not fit in."""

from __future__ import annotations

import numpy as np

from dechaff.methods.outliers.scores import distance_doubt, generalised_entropy, prediction_entropy, usual_distance


def test_copies_fit_in_and_what_is_far_from_all_copies_does_not() -> None:
    np.testing.assert_allclose(distance_doubt(np.array([0.0, 1e-9, 1.0]), usual=0.0), [0, 0, 1])
    assert usual_distance(np.zeros(0)) == 0
    np.testing.assert_allclose(distance_doubt(np.array([2.0]), usual=1.0, sharpness=2.0), 1 - np.exp(-4))


def test_entropy_is_none_where_the_model_is_sure_and_all_where_it_knows_nothing() -> None:
    probs = np.array([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    np.testing.assert_allclose(prediction_entropy(probs), [0, 1])
    assert prediction_entropy(np.ones((2, 1))).tolist() == [0, 0], "of one class there is no doubt"
    np.testing.assert_allclose(generalised_entropy(probs, most=4), [0, (0.25 * 0.75) ** 0.1])


def test_a_class_that_is_nearly_ruled_out_counts_in_the_generalised_entropy() -> None:
    probs = np.array([[1 - 1e-3, 1e-3], [1 - 1e-9, 1e-9]])
    plain, general = prediction_entropy(probs), generalised_entropy(probs, most=2)
    assert plain[0] - plain[1] < 0.02
    assert general[0] - general[1] > 0.3


def test_rows_that_sum_to_a_little_more_than_one_have_a_score() -> None:
    assert np.isfinite(generalised_entropy(np.array([[1.0004, 0.0]]))).all()
