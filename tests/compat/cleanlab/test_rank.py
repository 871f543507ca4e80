from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dechaff.compat.cleanlab import rank
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import Rows, fewer_cases, quietly, rows, same_cases, theirs

METHODS = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
WEIGHTS = ["uniform", "accuracy", "log_loss_search"]


@pytest.mark.parametrize("method", METHODS)
@same_cases
@given(rows())
def test_quality_is_cleanlabs(method: str, data: Rows) -> None:
    given_probs = data.probs[np.arange(len(data.labels)), data.labels]
    if method == "confidence_weighted_entropy":
        assume(given_probs.min() >= 1e-6)  # below it cleanlab's quality rises again
    ours = rank.get_label_quality_scores(data.labels, data.probs, method=method)
    their = theirs.rank.get_label_quality_scores(data.labels, data.probs, method=method)
    np.testing.assert_allclose(ours, their, atol=1e-6 if data.probs.dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("method", METHODS[:2])
@same_cases
@given(rows(absent=False))
def test_quality_by_adjusted_probabilities_is_cleanlabs(method: str, data: Rows) -> None:
    options = {"method": method, "adjust_pred_probs": True}
    ours = rank.get_label_quality_scores(data.labels, data.probs, **options)
    np.testing.assert_allclose(
        ours, theirs.rank.get_label_quality_scores(data.labels, data.probs, **options), atol=2e-6
    )


def test_a_class_without_rows_does_not_level_the_adjusted_scores() -> None:
    labels = np.array([0, 0, 1, 1])
    probs = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.4, 0.6, 0.0], [0.5, 0.5, 0.0]])
    ours = rank.get_label_quality_scores(labels, probs, adjust_pred_probs=True)
    their = theirs.rank.get_label_quality_scores(labels, probs, adjust_pred_probs=True)
    assert np.ptp(ours) > 2 * np.ptp(their)


def test_quality_by_entropy_stays_low_where_the_label_is_all_but_impossible() -> None:
    labels, probs = np.array([0, 0, 0]), np.array([[1e-9, 1 - 1e-9], [0.0, 1.0], [1.0, 0.0]])
    method = "confidence_weighted_entropy"
    ours = rank.get_label_quality_scores(labels, probs, method=method)
    their = theirs.rank.get_label_quality_scores(labels, probs, method=method)
    assert ours[0] < 0.2 < 0.9 < their[0]
    # The model rules one label out, and is sure of the other; cleanlab takes both for the worst there are.
    assert ours[1:].tolist() == [0.0, 1.0]
    assert their[1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("weights", WEIGHTS)
@fewer_cases
@given(rows(absent=False), st.integers(0, 2**32 - 1))
def test_quality_by_an_ensemble_is_cleanlabs(weights: str, data: Rows, seed: int) -> None:
    probs = data.probs.astype(np.float64)
    members = [probs, np.random.default_rng(seed).dirichlet(np.ones(data.k), len(probs)) * 0.5 + probs * 0.5]
    assume(weights != "accuracy" or any((one.argmax(axis=1) == data.labels).any() for one in members))
    options = {"weight_ensemble_members_by": weights, "verbose": False}
    ours = rank.get_label_quality_ensemble_scores(data.labels, members, **options)
    their = quietly(theirs.rank.get_label_quality_ensemble_scores, data.labels, members, **options)
    np.testing.assert_allclose(ours, their, atol=1e-6)


def test_members_count_by_the_weights_that_are_handed_in() -> None:
    labels, one, two = np.array([0, 1]), np.full((2, 2), 0.5), np.array([[1.0, 0.0], [1.0, 0.0]])
    options = {"weight_ensemble_members_by": "custom", "custom_weights": [0.75, 0.25]}
    found = rank.get_label_quality_ensemble_scores(labels, [one, two], **options)
    np.testing.assert_allclose(found, [0.625, 0.375])


def test_weights_that_fit_no_model_are_refused() -> None:
    labels, probs = np.array([0, 1]), np.full((2, 2), 0.5)
    with pytest.raises(InputError, match="custom_weights must contain one weight for each of 1 arrays"):
        rank.get_label_quality_ensemble_scores(labels, [probs], weight_ensemble_members_by="custom")
    with pytest.raises(InputError, match="custom_weights must be left out"):
        rank.get_label_quality_ensemble_scores(labels, [probs], custom_weights=[1.0])
    with pytest.raises(InputError, match="pred_probs_list must contain"):
        rank.get_label_quality_ensemble_scores(labels, [])
    with pytest.raises(InputError, match="adjust_pred_probs must be False"):
        rank.get_label_quality_scores(labels, probs, method="confidence_weighted_entropy", adjust_pred_probs=True)


@pytest.mark.parametrize("given", [[0, 1], [True], [[True, False]]])
def test_what_is_no_mask_of_the_rows_is_not_taken_for_one(given: list[object]) -> None:
    with pytest.raises(InputError, match="label_issues_mask must be a mask of 2 rows; found shape"):
        rank.order_label_issues(given, np.array([0, 1]), np.full((2, 2), 0.5))


def test_of_equal_rows_the_first_come_first() -> None:
    assert rank.find_top_issues(np.array([0.5, 0.1, 0.5, 0.1]), top=3).tolist() == [1, 3, 0]
    assert rank.find_top_issues(np.array([0.5, 0.1]), top=None).tolist() == [1, 0]
    assert rank.find_top_issues(np.array([0.5, 0.1])).tolist() == [1, 0]
    probs = np.array([[0.2, 0.8], [0.1, 0.9], [0.2, 0.8]])
    mask = np.array([True, True, True])
    assert rank.order_label_issues(mask, np.zeros(3, int), probs).tolist() == [1, 0, 2]


@same_cases
@given(rows(), st.sampled_from(METHODS))
def test_rows_are_ordered_as_by_cleanlab(data: Rows, method: str) -> None:
    mask = data.probs.argmax(axis=1) != data.labels
    ours = rank.order_label_issues(mask, data.labels, data.probs, rank_by=method)
    their = quietly(theirs.rank.order_label_issues, mask, data.labels, data.probs, rank_by=method)
    np.testing.assert_array_equal(ours, their)
