"""Random rows: the counts and flags of cleanlab 2.9, to the row, wherever no two rows or remainders are equal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.methods.label_errors.confident_joint import ArgmaxClass, argmax_joint, calibrated_joint, with_some_diagonal
from dechaff.methods.label_errors.confident_thresholds import confident_thresholds
from dechaff.methods.label_errors.label_scores import entropy_doubt, margin_doubt, self_doubt
from dechaff.methods.label_errors.prune_counts import prune_counts, prune_counts_of
from dechaff.methods.label_errors.pruning import (
    confident_counts,
    find_candidates,
    flags_by_class,
    flags_by_noise_rate,
    flags_off_diagonal,
    prune_by_argmax,
    prune_by_both,
    prune_by_class,
    prune_by_noise_rate,
    prune_most_doubtful,
)
from tests.methods.label_errors.random_rows import Case, cases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.count import compute_confident_joint, get_confident_thresholds
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

many = settings(max_examples=200, deadline=None, derandomize=True)
PRUNING = {"prune_by_noise_rate": prune_by_noise_rate, "prune_by_class": prune_by_class, "both": prune_by_both}
ROUNDING = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-9}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """cleanlab warns of each class that is too small to prune."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def joint_of(labels: np.ndarray, probs: np.ndarray) -> np.ndarray:
    return compute_confident_joint(labels, probs)


@many
@given(case=cases)
def test_thresholds(case: Case) -> None:
    labels, probs = case.rows()
    ours, theirs = confident_thresholds(labels, probs), get_confident_thresholds(labels, probs)
    missing = np.bincount(labels, minlength=case.k) == 0
    assert np.isinf(ours[missing]).all()
    np.testing.assert_allclose(ours[~missing], theirs[~missing], rtol=0, atol=ROUNDING[probs.dtype])


@many
@given(case=cases)
def test_the_joint_by_cleanlabs_rule(case: Case) -> None:
    labels, probs = case.rows()
    theirs = compute_confident_joint(labels, probs, calibrate=False)
    np.testing.assert_array_equal(with_some_diagonal(argmax_joint(labels, probs)), theirs)


@many
@given(case=cases)
def test_the_calibrated_joint_but_for_equal_remainders(case: Case) -> None:
    labels, probs = case.rows()
    raw, theirs = compute_confident_joint(labels, probs, calibrate=False), joint_of(labels, probs)
    counts = np.bincount(labels, minlength=case.k)
    ours = calibrated_joint(raw, counts)
    np.testing.assert_array_equal(ours.sum(axis=1), counts)
    for count, row, differs in zip(counts, raw, ours != theirs, strict=True):
        assert len(set((row[differs] * count % row.sum()).tolist())) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("filter_by", PRUNING)
@many
@given(case=cases, frac_noise=st.sampled_from([1.0, 0.7, 0.5, 0.2]), least=st.sampled_from([0, 1, 5]))
def test_pruning(filter_by: str, case: Case, frac_noise: float, least: int) -> None:
    labels, probs = case.rows()
    options = {"frac_noise": frac_noise, "min_examples_per_class": least}
    joint = joint_of(labels, probs)
    theirs = find_label_issues(labels, probs, filter_by=filter_by, confident_joint=joint, n_jobs=1, **options)
    np.testing.assert_array_equal(PRUNING[filter_by](labels, probs, joint=joint, **options), theirs)


@many
@given(case=cases, remove=st.integers(0, 4))
def test_pruning_a_number_of_rows_of_each_class(case: Case, remove: int) -> None:
    labels, probs = case.rows()
    joint = joint_of(labels, probs)
    seen = find_candidates(labels, probs)
    wanted = np.minimum(remove, seen.class_counts)
    counts = prune_counts_of(prune_counts(joint), seen.class_counts, wanted)
    by_true = joint.T / np.maximum(joint.T.sum(axis=1), 1)
    if (by_true.sum(axis=1) - by_true.diagonal() <= 0).any():
        return  # cleanlab divides by zero, and its counts are whatever the processor makes of that
    theirs = find_label_issues(
        labels, probs, filter_by="prune_by_class", confident_joint=joint, num_to_remove_per_class=wanted, n_jobs=1
    )
    np.testing.assert_array_equal(flags_by_class(seen, counts, 1), theirs)


@pytest.mark.slow
@many
@given(case=cases)
def test_the_argmax_rule_and_the_off_diagonal_cells(case: Case) -> None:
    labels, probs = case.rows()
    seen = confident_counts(labels, probs, confident_class=ArgmaxClass)
    argmax = find_label_issues(labels, probs, filter_by="predicted_neq_given", n_jobs=1)
    np.testing.assert_array_equal(prune_by_argmax(labels, probs), argmax)
    cells = find_label_issues(labels, probs, filter_by="confident_learning", n_jobs=1)
    np.testing.assert_array_equal(flags_off_diagonal(labels, seen.confident, seen.doubted), cells)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "doubt"), [("self_confidence", self_doubt), ("normalized_margin", margin_doubt)])
@many
@given(case=cases)
def test_the_lowest_scores(method: str, doubt, case: Case) -> None:
    labels, probs = case.rows()
    theirs = find_label_issues(labels, probs, filter_by=f"low_{method}", n_jobs=1)
    quality = get_label_quality_scores(labels, probs, method=method)
    if len(np.unique(quality)) == len(quality):
        np.testing.assert_array_equal(prune_most_doubtful(-quality, n_rows=int(theirs.sum())), theirs)
    np.testing.assert_allclose(doubt(labels, probs), 1 - quality, rtol=0, atol=ROUNDING[probs.dtype])


@many
@given(case=cases)
def test_the_entropy_score_where_the_label_has_a_probability(case: Case) -> None:
    labels, probs = case.rows()
    quality = get_label_quality_scores(labels, probs, method="confidence_weighted_entropy")
    # Below a millionth cleanlab raises the label's probability to it, and its ranks end there.
    seen = probs[np.arange(case.n), labels] >= 1e-6
    np.testing.assert_allclose(entropy_doubt(labels, probs)[seen], 1 - quality[seen], rtol=0, atol=2e-6)


@many
@given(case=cases)
def test_all_at_once_is_what_one_after_the_other_gives(case: Case) -> None:
    labels, probs = case.rows()
    seen = confident_counts(labels, probs, confident_class=ArgmaxClass)
    np.testing.assert_array_equal(seen.thresholds, confident_thresholds(labels, probs))
    np.testing.assert_array_equal(seen.joint, argmax_joint(labels, probs))
    np.testing.assert_array_equal(seen.doubted, prune_by_argmax(labels, probs))
    np.testing.assert_array_equal(seen.given, probs[np.arange(case.n), labels])
    counts = prune_counts(calibrated_joint(seen.joint, seen.class_counts))
    apart = find_candidates(labels, probs)
    np.testing.assert_array_equal(flags_by_noise_rate(seen, counts, 1), flags_by_noise_rate(apart, counts, 1))
