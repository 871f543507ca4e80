"""The same flags as cleanlab, except among rows that tie at the last place: those we break by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.compat.cleanlab import filter as ours
from dechaff.errors import InputError, ProbsError
from dechaff.methods.label_errors.prune_counts import prune_counts
from tests.compat.cleanlab.rows import Rows, fewer_cases, quietly, rows, same_cases, theirs

FILTERS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_self_confidence",
    "low_normalized_margin",
]
PRUNING = FILTERS[:3]
RANKS = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def their_flags(data: Rows, **options: Any) -> np.ndarray:
    return quietly(theirs.filter.find_label_issues, data.labels, data.probs, n_jobs=1, **options)


def their_joint(data: Rows) -> np.ndarray:
    return quietly(theirs.count.compute_confident_joint, data.labels, data.probs)


def assert_same_flags(data: Rows, **options: Any) -> None:
    found = ours.find_label_issues(data.labels, data.probs, **options)
    np.testing.assert_array_equal(found, their_flags(data, **options))


@pytest.mark.parametrize("filter_by", FILTERS)
@same_cases
@given(rows())
def test_flags_are_cleanlabs(filter_by: str, data: Rows) -> None:
    assert_same_flags(data, filter_by=filter_by)


@pytest.mark.slow
@pytest.mark.parametrize("filter_by", FILTERS)
@same_cases
@given(rows(ties=True))
def test_among_ties_flags_are_cleanlabs_had_it_sorted_stably(filter_by: str, data: Rows) -> None:
    assert_same_flags(data, filter_by=filter_by)


@pytest.mark.parametrize("filter_by", PRUNING)
@same_cases
@given(rows(), st.sampled_from([0.1, 0.5, 0.9, 1.0]), st.sampled_from([0, 1, 2, 5, 10]))
def test_flags_are_cleanlabs_with_less_noise_and_more_rows_left(
    filter_by: str, data: Rows, frac_noise: float, least: int
) -> None:
    assert_same_flags(data, filter_by=filter_by, frac_noise=frac_noise, min_examples_per_class=least)


@pytest.mark.parametrize("filter_by", PRUNING)
@same_cases
@given(rows(), st.integers(0, 2**32 - 1))
def test_flags_are_cleanlabs_with_a_joint_that_is_handed_in(filter_by: str, data: Rows, seed: int) -> None:
    joint = np.random.default_rng(seed).integers(0, 12, (data.k, data.k))
    assert_same_flags(data, filter_by=filter_by, confident_joint=joint)


@pytest.mark.parametrize("filter_by", PRUNING)
@same_cases
@given(rows(absent=False), st.integers(0, 2**32 - 1))
def test_as_many_are_removed_as_cleanlab_removes(filter_by: str, data: Rows, seed: int) -> None:
    asked = np.random.default_rng(seed).integers(0, 4, data.k)
    assert_same_flags(data, filter_by=filter_by, num_to_remove_per_class=asked)


@pytest.mark.slow
@pytest.mark.parametrize("filter_by", FILTERS)
@pytest.mark.parametrize("rank_by", RANKS)
@fewer_cases
@given(rows(most=40))
def test_ranked_rows_are_cleanlabs(filter_by: str, rank_by: str, data: Rows) -> None:
    options = {"filter_by": filter_by, "return_indices_ranked_by": rank_by}
    found = ours.find_label_issues(data.labels, data.probs, **options)
    np.testing.assert_array_equal(found, their_flags(data, **options))


@same_cases
@given(rows(), st.sampled_from(RANKS[:2]))
def test_ranks_by_adjusted_probabilities_are_cleanlabs(data: Rows, rank_by: str) -> None:
    if (np.bincount(data.labels, minlength=data.k) == 0).any():
        return  # cleanlab adjusts by a threshold of 2 for a class without rows
    options = {"return_indices_ranked_by": rank_by, "rank_by_kwargs": {"adjust_pred_probs": True}}
    options |= {"filter_by": "predicted_neq_given"}
    found = ours.find_label_issues(data.labels, data.probs, **options)
    assert sorted(found) == sorted(their_flags(data, **options))
    quality = quietly(
        theirs.rank.get_label_quality_scores, data.labels, data.probs, method=rank_by, adjust_pred_probs=True
    )
    assert (np.diff(quality[found]) > -1e-6).all()  # equal but for rounding, which may turn two rows round


@pytest.mark.slow
@fewer_cases
@given(rows(absent=False), st.sampled_from(PRUNING), st.booleans())
def test_flags_of_the_argmax_joint_are_cleanlabs(data: Rows, filter_by: str, calibrate: bool) -> None:
    if set(data.probs.argmax(axis=1)) != set(range(data.k)) or set(data.labels) != set(range(data.k)):
        return  # cleanlab's matrix has the classes that occur only
    options = {"filter_by": filter_by, "calibrate": calibrate}
    found = ours.find_label_issues_using_argmax_confusion_matrix(data.labels, data.probs, **options)
    other = quietly(theirs.filter.find_label_issues_using_argmax_confusion_matrix, data.labels, data.probs, **options)
    np.testing.assert_array_equal(found, other)


@same_cases
@given(rows(ties=True))
def test_the_first_choice_of_the_model_is_cleanlabs(data: Rows) -> None:
    np.testing.assert_array_equal(
        ours.find_predicted_neq_given(data.labels, data.probs),
        theirs.filter.find_predicted_neq_given(data.labels, data.probs),
    )


@same_cases
@given(rows(ties=True), st.booleans())
def test_among_ties_the_flags_are_cleanlabs_but_for_the_rows_at_the_last_place(data: Rows, by_class: bool) -> None:
    joint = their_joint(data)
    must, may = bounds(data, prune_counts(joint, min_examples_per_class=1), by_class)
    options = {"confident_joint": joint, "filter_by": "prune_by_class" if by_class else "prune_by_noise_rate"}
    reduced = their_flags(data, filter_by="predicted_neq_given")
    for found in (ours.find_label_issues(data.labels, data.probs, **options), their_flags(data, **options)):
        assert not (must & reduced & ~found).any()
        assert not (found & ~may).any()


def bounds(data: Rows, counts: np.ndarray, by_class: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows that every way to break ties takes, and rows that some way takes; by plain loops."""
    must, may = np.zeros(len(data.labels), bool), np.zeros(len(data.labels), bool)
    for code in range(data.k):
        of = np.flatnonzero(data.labels == code)
        if len(of) <= 1:
            continue
        for other in range(data.k):
            if by_class != (other == code):
                continue
            n = len(of) - counts[code, code] if by_class else counts[code, other]
            if n <= 0:
                continue
            worth = -data.probs[of, code] if by_class else data.probs[of, other] - data.probs[of, code]
            last = np.sort(worth)[::-1][n - 1] if n <= len(of) else -np.inf
            must[of[worth > last]] = True
            may[of[worth >= last]] = True
            if (worth >= last).sum() <= n:
                must[of[worth >= last]] = True
    return must, may


@same_cases
@given(rows(ties=True), st.sampled_from(FILTERS), st.integers(0, 2**32 - 1))
def test_of_tied_rows_the_first_are_taken(data: Rows, filter_by: str, seed: int) -> None:
    # Moving a row up among its equals can only bring it in: the flags of equal rows never have a gap.
    found = ours.find_label_issues(data.labels, data.probs, filter_by=filter_by)
    alike = {}
    for row, key in enumerate(zip(data.labels.tolist(), map(tuple, data.probs.tolist()), strict=True)):
        alike.setdefault(key, []).append(bool(found[row]))
    assert all(flags == sorted(flags, reverse=True) for flags in alike.values())


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 7])
def test_the_number_of_jobs_changes_nothing(n_jobs: int | None) -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 5, 400), rng.dirichlet(np.ones(5), 400)
    np.testing.assert_array_equal(
        ours.find_label_issues(labels, probs, n_jobs=n_jobs), ours.find_label_issues(labels, probs)
    )


def test_lists_and_series_are_taken_as_labels() -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 3, 90), rng.dirichlet(np.ones(3), 90)
    expected = ours.find_label_issues(labels, probs)
    for given_labels in (labels.tolist(), pandas.Series(labels, index=range(90, 0, -1))):
        np.testing.assert_array_equal(ours.find_label_issues(given_labels, probs), expected)


def test_a_joint_that_is_handed_in_says_how_many_of_the_lowest_are_taken() -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 2, 100), rng.dirichlet(np.ones(2), 100)
    joint = np.array([[8, 2], [1, 9]])
    found = ours.find_label_issues(labels, probs, filter_by="low_self_confidence", confident_joint=joint)
    assert found.sum() == pytest.approx(15, abs=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [(np.nan, "be finite"), (-0.2, "be at least 0"), (0.9, "sum to 1")],
)
def test_rows_that_are_no_distribution_are_refused(change: float, message: str) -> None:
    probs = np.full((6, 2), 0.5)
    probs[4, 0] = change
    with pytest.raises(ProbsError, match=f"{message}.*row 4"):
        ours.find_label_issues(np.array([0, 1] * 3), probs)


def test_labels_of_one_class_are_judged_like_any_others() -> None:
    labels, probs = np.ones(20, dtype=int), np.tile([0.1, 0.9], (20, 1))
    probs[3] = [0.9, 0.1]
    found = ours.find_label_issues(labels, probs, filter_by="prune_by_class", confident_joint=[[1, 0], [1, 19]])
    assert np.flatnonzero(found).tolist() == [3]
    with pytest.raises(ValueError, match="at least 2 classes"):
        theirs.filter.find_label_issues(labels, probs)


def test_a_class_of_few_rows_is_left_alone_without_a_warning() -> None:
    labels, probs = np.array([0] * 9 + [1]), np.tile([0.9, 0.1], (10, 1))
    assert not ours.find_label_issues(labels, probs).any()
    with pytest.warns(UserWarning, match="May not flag all label issues in class: 1"):
        theirs.filter.find_label_issues(labels, probs, n_jobs=1)


def test_options_that_have_no_effect_are_said_to_have_none() -> None:
    labels, probs = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(InputError, match="num_to_remove_per_class must be left out"):
        ours.find_label_issues(labels, probs, filter_by="predicted_neq_given", num_to_remove_per_class=[1, 1])
    with pytest.warns(UserWarning, match="frac_noise has no effect"):
        ours.find_label_issues(labels, probs, filter_by="confident_learning", frac_noise=0.5)
    with pytest.raises(InputError, match="filter_by must be one of prune_by_noise_rate, "):
        ours.find_label_issues(labels, probs, filter_by="prune")
    with pytest.raises(InputError, match="num_to_remove_per_class must contain one number for each"):
        ours.find_label_issues(labels, probs, num_to_remove_per_class=[1, 1, 1])


@pytest.mark.parametrize("filter_by", ours.PRUNING)
@pytest.mark.parametrize(
    ("joint", "words"),
    [
        (np.eye(2), r"3 rows of 3 columns; found shape \(2, 2\)"),
        (np.ones((3, 4)), r"found shape \(3, 4\)"),
        (np.ones(3), r"found shape \(3,\)"),
        (-np.eye(3), "contain numbers of 0 or more; found -1.0 in row 0, column 0"),
        (np.full((3, 3), np.nan), "found nan in row 0, column 0"),
    ],
)
def test_a_joint_of_other_classes_is_refused_and_not_read_beyond_its_end(
    filter_by: str, joint: np.ndarray, words: str
) -> None:
    labels, probs = np.arange(30) % 3, np.random.default_rng(0).dirichlet(np.ones(3), 30)
    with pytest.raises(InputError, match=f"confident_joint must .*{words}"):
        ours.find_label_issues(labels, probs, filter_by=filter_by, confident_joint=joint)


@pytest.mark.parametrize("filter_by", ["prune_by_class", "prune_by_noise_rate"])
def test_one_number_to_remove_is_that_of_each_class(filter_by: str) -> None:
    rng = np.random.default_rng(0)
    labels, probs = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200)
    one, each = (
        ours.find_label_issues(labels, probs, filter_by=filter_by, num_to_remove_per_class=number)
        for number in (5, [5] * 3)
    )
    np.testing.assert_array_equal(one, each)
    assert one.sum() == 15
