"""Scores of rows that do not fit in, as cleanlab's."""

from __future__ import annotations

from typing import Any

import cleanlab.outlier
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.compat.cleanlab.outlier import OutOfDistribution
from dechaff.errors import InputError, ProbsError
from tests.compat.cleanlab.rows import quietly, same_cases

Theirs = cleanlab.outlier.OutOfDistribution


@pytest.mark.slow
@same_cases
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 10), st.sampled_from([0.5, 1, 2]))
def test_scores_by_neighbours_are_cleanlabs(seed: int, columns: int, k: int, t: float) -> None:
    rng = np.random.default_rng(seed)
    features, new = rng.normal(size=(40, columns)), 2 * rng.normal(size=(9, columns))
    ours, theirs = OutOfDistribution({"k": k, "t": t}), Theirs({"k": k, "t": t})
    found, other = (quietly(one.fit_score, features=features, verbose=False) for one in (ours, theirs))
    np.testing.assert_allclose(found, other, atol=1e-9)
    np.testing.assert_allclose(ours.score(features=new), theirs.score(features=new), atol=1e-9)


@pytest.mark.parametrize("method", ["entropy", "least_confidence"])
@same_cases
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.booleans())
def test_scores_by_probabilities_are_cleanlabs(method: str, seed: int, k: int, adjust: bool) -> None:
    rng = np.random.default_rng(seed)
    labels, probs, new = rng.integers(0, k, 40), rng.dirichlet(np.ones(k), 40), rng.dirichlet(np.ones(k), 9)
    labels[:k] = np.arange(k)
    params = {"method": method, "adjust_pred_probs": adjust}
    ours, theirs = OutOfDistribution(params), Theirs(params)
    found, other = (quietly(one.fit_score, pred_probs=probs, labels=labels, verbose=False) for one in (ours, theirs))
    np.testing.assert_allclose(found, other, atol=1e-9)
    np.testing.assert_allclose(ours.score(pred_probs=new), theirs.score(pred_probs=new), atol=1e-9)


def test_gen_is_taken_of_probabilities_where_cleanlab_takes_them_for_logits() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    params = {"method": "gen", "adjust_pred_probs": False, "M": 4}
    raised = np.exp(probs) / np.exp(probs).sum(axis=1, keepdims=True)
    found = OutOfDistribution(params).fit_score(pred_probs=raised, verbose=False)
    np.testing.assert_allclose(found, quietly(Theirs(params).fit_score, pred_probs=probs, verbose=False))


def test_fit_is_fit_score_without_the_scores_and_copies_fit_in() -> None:
    features = np.repeat(np.random.default_rng(0).normal(size=(4, 5)), 12, axis=0)
    ood = OutOfDistribution()
    assert ood.fit(features=features) is None
    np.testing.assert_array_equal(ood.score(features=features[:3]), 1)
    np.testing.assert_array_equal(ood.score(features=np.ones((1, 5))), 0)


def test_a_row_without_a_direction_is_far_from_all() -> None:
    features = np.random.default_rng(0).normal(size=(40, 5)) + 9
    features[3] = 0
    assert OutOfDistribution().fit_score(features=features).argmin() == 3


FEATURES, PROBS = np.arange(40.0).reshape(20, 2), np.full((20, 2), 0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: OutOfDistribution({"p": 1}), "params must be some of k, t, .*; found p"),
        (lambda: OutOfDistribution({"knn": "graph"}), "params must have no knn"),
        (lambda: OutOfDistribution({"k": "ten"}), r"params\['k'\] must be a whole number from 1, or None; found 'ten'"),
        (lambda: OutOfDistribution({"t": -1}), r"params\['t'\] must be a number from 0; found -1"),
        (lambda: OutOfDistribution({"M": 0}), r"params\['M'\] must be a whole number from 1; found 0"),
        (lambda: OutOfDistribution({"gamma": 2}), r"params\['gamma'\] must be a number from 0 to 1; found 2"),
        (
            lambda: OutOfDistribution({"confident_thresholds": [0.5]}).score(pred_probs=PROBS),
            "a column for each confident threshold; found 2 columns, and 1 threshold",
        ),
        (lambda: OutOfDistribution().fit(features=FEATURES[:0]), "0 rows to choose from"),
        (lambda: OutOfDistribution().fit_score(), "found neither"),
        (lambda: OutOfDistribution().fit_score(features=FEATURES, pred_probs=PROBS), "found both"),
        (lambda: OutOfDistribution().score(features=FEATURES), "be fitted to features first"),
        (lambda: OutOfDistribution().score(pred_probs=PROBS), "be fitted first"),
        (lambda: OutOfDistribution().fit(pred_probs=PROBS), "labels must be passed"),
        (lambda: OutOfDistribution({"k": 20}).fit(features=FEATURES), "k must be at least 1, and no more than"),
        (
            lambda: OutOfDistribution({"method": "x", "adjust_pred_probs": False}).fit(pred_probs=PROBS),
            "method must be",
        ),
        (lambda: OutOfDistribution().fit(features=np.where(FEATURES == 6, np.nan, FEATURES)), "be finite.*in row 3"),
        (lambda: OutOfDistribution().fit(features=list("ab")), "be a table of numbers"),
    ],
)
def test_what_cannot_be_scored_is_named(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_rows_that_are_no_distribution_are_named() -> None:
    with pytest.raises(ProbsError, match="pred_probs must have rows that sum to 1"):
        OutOfDistribution({"adjust_pred_probs": False}).fit(pred_probs=2 * PROBS)
