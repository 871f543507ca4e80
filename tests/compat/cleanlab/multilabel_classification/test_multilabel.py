"""``multilabel_classification`` is cleanlab's, on random rows of several labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dechaff.compat.cleanlab as ours
from dechaff.compat.cleanlab.internal.multilabel_utils import int2onehot, onehot2int
from dechaff.errors import InputError, LabelsError
from tests.compat.cleanlab.rows import quietly, theirs

SEEDS = range(3)


def made(seed: int, n: int = 300, k: int = 4) -> tuple[list[list[int]], np.ndarray]:
    """Labels of which 5 % are wrong, and probabilities that see the true ones."""
    rng = np.random.default_rng(seed)
    true = rng.random((n, k)) < rng.uniform(0.1, 0.6, k)
    probs = 1 / (1 + np.exp(-(rng.normal(size=(n, k)) + 4 * true - 2)))
    return onehot2int(true ^ (rng.random((n, k)) < 0.05)), probs


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_indices_ranked_by": "self_confidence"},
        {"return_indices_ranked_by": "normalized_margin", "filter_by": "prune_by_class"},
        {"filter_by": "both", "frac_noise": 0.5},
        {"filter_by": "confident_learning", "return_indices_ranked_by": "confidence_weighted_entropy"},
        {"filter_by": "predicted_neq_given"},
        {"filter_by": "low_self_confidence", "return_indices_ranked_by": "self_confidence"},
        {"filter_by": "low_normalized_margin"},
        {"num_to_remove_per_class": [5, 0, 2, 1]},
        {"min_examples_per_class": 40},
    ],
)
def test_the_same_rows_are_issues(seed: int, options: dict[str, Any]) -> None:
    labels, probs = made(seed)
    expected = quietly(theirs.multilabel_classification.filter.find_label_issues, labels, probs, **options)
    found = ours.multilabel_classification.filter.find_label_issues(labels, probs, **options)
    if len(options) == 2 and options["filter_by"].startswith("low_"):  # cleanlab's order is that of other rows
        expected = np.array(sorted(expected, key=found.tolist().index))
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(ours.filter.find_label_issues(labels, probs, multi_label=True, **options), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_labels_are_issues_and_summaries_are_equal(seed: int) -> None:
    labels, probs = made(seed)
    here, there = ours.multilabel_classification, theirs.multilabel_classification
    joint = quietly(theirs.count.compute_confident_joint, labels, probs, multi_label=True)
    np.testing.assert_array_equal(ours.count.compute_confident_joint(labels, probs, multi_label=True), joint)
    for options in ({}, {"confident_joint": joint}):
        np.testing.assert_array_equal(
            here.filter.find_multilabel_issues_per_class(labels, probs, **options),
            quietly(there.filter.find_multilabel_issues_per_class, labels, probs, **options),
        )
    ranked = here.filter.find_multilabel_issues_per_class(labels, probs, "self_confidence")
    expected = quietly(there.filter.find_multilabel_issues_per_class, labels, probs, "self_confidence")
    for one, other in zip(ranked, expected, strict=True):
        for mine, its in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, its)
    names = ["ant", "bee", "cat", "dog"]
    summary = here.dataset.multilabel_health_summary(labels, probs, class_names=names, verbose=False)
    known = quietly(there.dataset.multilabel_health_summary, labels, probs, class_names=names, verbose=False)
    assert summary["overall_multilabel_health_score"] == pytest.approx(known["overall_multilabel_health_score"])
    mine, its = summary["common_multilabel_issues"], known["common_multilabel_issues"]
    assert list(mine.columns) == list(its.columns)
    by = ["Class Index", "In Given Label"]
    assert (mine.sort_values(by).to_numpy() == its.sort_values(by).to_numpy()).all()
    mine, its = summary["classes_by_multilabel_quality"], known["classes_by_multilabel_quality"]
    assert list(mine.columns) == list(its.columns)
    np.testing.assert_allclose(mine["Label Quality Score"], its["Label Quality Score"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "normalized_margin", "adjust_pred_probs": True},
        {"aggregator_kwargs": {"method": "softmin", "temperature": 0.2}},
        {"aggregator_kwargs": {"method": "exponential_moving_average"}},
    ],
)
def test_quality_is_equal(seed: int, options: dict[str, Any]) -> None:
    labels, probs = made(seed)
    here, there = ours.multilabel_classification.rank, theirs.multilabel_classification.rank
    np.testing.assert_allclose(
        here.get_label_quality_scores(labels, probs, **options),
        quietly(there.get_label_quality_scores, labels, probs, **options),
        rtol=1e-12,
    )
    options.pop("aggregator_kwargs", None)
    np.testing.assert_allclose(
        here.get_label_quality_scores_per_class(labels, probs, **options),
        quietly(there.get_label_quality_scores_per_class, labels, probs, **options),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_of_several_labels_are_equal(seed: int) -> None:
    labels, probs = made(seed)
    for name in ("get_confident_thresholds", "estimate_joint", "num_label_issues", "compute_confident_joint"):
        found = getattr(ours.count, name)(labels, probs, multi_label=True)
        np.testing.assert_allclose(found, quietly(getattr(theirs.count, name), labels, probs, multi_label=True))
    joint = ours.count.compute_confident_joint(labels, probs, calibrate=False, multi_label=True)
    np.testing.assert_array_equal(
        ours.count.calibrate_confident_joint(joint, labels, multi_label=True),
        quietly(theirs.count.calibrate_confident_joint, joint, labels, multi_label=True),
    )


def test_a_row_without_labels_and_a_class_without_rows() -> None:
    probs = np.array([[0.9, 0.1], [0.2, 0.1], [0.95, 0.05]])
    flags = ours.multilabel_classification.filter.find_multilabel_issues_per_class([[0], [], [0]], probs)
    assert flags.shape == (3, 2)
    assert not flags.any()


def test_wrong_inputs_are_named() -> None:
    find = ours.multilabel_classification.filter.find_label_issues
    with pytest.raises(LabelsError, match="row 1"):
        find([[0], 1], np.full((2, 2), 0.5))
    with pytest.raises(LabelsError, match="from 0 to 1"):
        find([[0], [2]], np.full((2, 2), 0.5))
    with pytest.raises(InputError, match=r"1\.5 in row 0"):
        find([[0], [1]], np.array([[1.5, 0], [0, 1]]))
    with pytest.raises(InputError, match=r"shape \(k, 2, 2\)"):
        find([[0], [1]], np.full((2, 2), 0.5), confident_joint=np.eye(2))


def test_sets_of_classes_and_their_columns() -> None:
    matrix = int2onehot([[0, 2], [], [1]], K=3)
    assert matrix.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert onehot2int(matrix) == [[0, 2], [], [1]]
