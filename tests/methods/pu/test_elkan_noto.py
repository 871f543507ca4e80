from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from dechaff.errors import InputError
from dechaff.methods.pu.elkan_noto import (
    fresh_label_probs,
    is_positive,
    label_frequency,
    out_of_fold_label_probs,
    positive_probs,
)
from tests.methods.pu.population import two_gaussians


def mean_model(calls: list[np.ndarray]) -> Callable[..., np.ndarray]:
    """Gives everyone the fraction of labelled rows that it learnt from, and notes these rows."""

    def fit_predict(fit_rows: np.ndarray, fit_codes: np.ndarray, predict_rows: np.ndarray) -> np.ndarray:
        calls.append(fit_rows)
        return np.tile([1 - fit_codes.mean(), fit_codes.mean()], (len(predict_rows), 1))

    return fit_predict


def test_no_row_is_predicted_by_a_model_that_saw_it() -> None:
    calls: list[np.ndarray] = []
    folds = np.array([0, 1, 2, 0, 1, 2])
    labelled = np.array([True, False, False, True, False, False])
    label_probs = out_of_fold_label_probs(mean_model(calls), labelled, folds)
    assert [rows.tolist() for rows in calls] == [[1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 3, 4]]
    assert label_probs.tolist() == [0, 0.5, 0.5, 0, 0.5, 0.5]


def test_a_row_that_is_left_out_is_neither_learnt_from_nor_predicted() -> None:
    calls: list[np.ndarray] = []
    label_probs = out_of_fold_label_probs(mean_model(calls), np.array([True, False, True]), np.array([0, 1, -1]))
    assert all(2 not in rows for rows in calls)
    assert np.isnan(label_probs[2])


def test_the_fresh_model_learns_from_every_row() -> None:
    calls: list[np.ndarray] = []
    labelled = np.array([True, False, False, False])
    assert fresh_label_probs(mean_model(calls), labelled, np.array([7])).tolist() == [0.25]
    assert calls[0].tolist() == [0, 1, 2, 3]


def test_the_lemma_gives_back_the_truth_where_c_is_known() -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4)
    assert np.allclose(positive_probs(people.label_probs, 0.4), people.positive_probs)


def test_a_quotient_above_one_is_one() -> None:
    assert positive_probs(np.array([0.2, 0.9]), 0.5).tolist() == [0.4, 1.0]


def test_one_half_is_positive() -> None:
    assert is_positive(positive_probs(np.array([0.2499, 0.25]), 0.5)).tolist() == [False, True]


def test_a_weight_counts_a_labelled_row_as_often() -> None:
    probs, labelled = np.array([0.2, 0.8, np.nan, 0.5]), np.array([True, True, True, False])
    assert label_frequency(probs, labelled, weights=np.array([1, 3, 0, 9])) == pytest.approx(0.65)


def test_the_four_steps_find_the_positives_of_classes_that_hardly_overlap() -> None:
    random = np.random.default_rng(0)
    y = random.random(2000) < 0.4
    x = random.normal(size=2000) + 8 * y
    labelled = y & (random.random(2000) < 0.3)

    def fit_predict(fit_rows: np.ndarray, fit_codes: np.ndarray, predict_rows: np.ndarray) -> np.ndarray:
        share = fit_codes[x[fit_rows] > 4].mean()
        g = share * expit(8 * (x[predict_rows] - 4))
        return np.stack([1 - g, g], axis=1)

    c = label_frequency(out_of_fold_label_probs(fit_predict, labelled, np.arange(2000) % 5), labelled)
    found = is_positive(positive_probs(fresh_label_probs(fit_predict, labelled, np.arange(2000)), c))
    assert c == pytest.approx(0.3, abs=0.03)
    assert (found == y).all()


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="c must be above 0 and at most 1; found 0"):
        positive_probs(np.array([0.1]), 0)
    with pytest.raises(InputError, match="labelled must mark at least one row"):
        label_frequency(np.array([0.1]), np.array([False]))
