"""Spies among the unlabelled: the threshold by hand, and what falls below it where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from dechaff.errors import InputError
from dechaff.methods.pu.spy import reliable_negatives, spy_threshold
from tests.methods.pu.population import two_gaussians


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.floats(0, 0.99))
def test_at_most_the_share_of_spies_lies_below_and_no_higher_score_will_do(scores: list[int], lost: float) -> None:
    spies = np.array(scores, dtype=float)
    threshold = spy_threshold(spies, lost=lost)
    assert (spies < threshold).mean() <= lost + 1e-9
    higher = spies[spies > threshold]
    assert not len(higher) or (spies < higher.min()).mean() > lost


def test_without_a_loss_it_is_the_lowest_spy_and_weights_count_as_rows() -> None:
    assert spy_threshold(np.array([0.4, 0.2, 0.9]), lost=0.0) == 0.2
    assert spy_threshold(np.array([0.1, 0.5]), weights=np.array([1.0, 9.0]), lost=0.1) == 0.5
    assert spy_threshold(np.array([0.1, 0.5]), weights=np.array([2.0, 9.0]), lost=0.1) == 0.1


def test_it_is_the_papers_first_step_written_out() -> None:
    people = two_gaussians(distance=2.0, prior=0.4, c=0.5, n=500)
    X, s = people.x[:, None], people.labelled
    spies = np.flatnonzero(s)[::7]
    told = s.copy()
    told[spies] = False
    score = GaussianNB().fit(X, told).predict_proba(X)[:, 1]
    spy_scores = np.sort(score[spies])
    threshold = spy_scores[int(0.15 * len(spies))]

    def fit_predict(fit_rows: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return GaussianNB().fit(X[fit_rows], codes).predict_proba(X[rows])

    rounds = np.where(np.isin(np.arange(500), spies), 0, -1)
    found = reliable_negatives(fit_predict, s, rounds, lost=0.15)
    assert np.array_equal(found, ~s & (score < threshold))
    assert people.y[found].mean() < people.y[~s].mean() / 2


def test_as_many_hidden_positives_as_spies_fall_below() -> None:
    people = two_gaussians(distance=1.5, prior=0.4, c=0.5, n=8000)
    X, s = people.x[:, None], people.labelled

    def fit_predict(fit_rows: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return LogisticRegression().fit(X[fit_rows], codes).predict_proba(X[rows])

    found = reliable_negatives(fit_predict, s, np.arange(8000) % 5, lost=0.2)
    hidden = people.y & ~s
    assert found[hidden].mean() == pytest.approx(0.2, abs=0.03)
    assert found[~people.y].mean() > 0.6


def test_where_no_row_scores_below_the_spies_the_lowest_are_taken() -> None:
    labelled = np.array([True, True, False, False])
    score = np.array([0.5, 0.5, 0.9, 0.7])

    def fit_predict(fit_rows: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - score[rows], score[rows]])

    assert reliable_negatives(fit_predict, labelled, np.array([0, 1, 0, 0])).tolist() == [False, False, False, True]


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="lost must be a fraction"):
        spy_threshold(np.array([0.1]), lost=1.0)
    with pytest.raises(InputError, match="at least one spy"):
        spy_threshold(np.array([]))
    with pytest.raises(InputError, match="make some labelled row a spy"):
        reliable_negatives(lambda *_: np.zeros((1, 2)), np.array([True, False]), np.array([-1, 0]))
