"""The same answers as cleanlab 2.9 where it follows the paper; each difference is meant, and said in a docstring."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dechaff.methods.label_errors.confident_joint import calibrated_joint, confident_joint
from dechaff.methods.label_errors.confident_thresholds import THRESHOLD_SLACK, confident_thresholds
from dechaff.methods.label_errors.label_scores import entropy_doubt, margin_doubt, self_doubt

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cleanlab.count import calibrate_confident_joint, compute_confident_joint, get_confident_thresholds
    from cleanlab.rank import get_label_quality_scores

seeds = pytest.mark.parametrize("seed", range(8))


def rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random labels and probabilities of 2 to 9 classes."""
    rng = np.random.default_rng(seed)
    k = 2 + seed
    true = rng.integers(0, k, 700)
    labels = np.where(rng.random(700) < 0.3, rng.integers(0, k, 700), true)
    probs = rng.dirichlet(np.ones(k), 700) * 0.5 + 0.5 * np.eye(k)[true]
    return labels, probs / probs.sum(axis=1, keepdims=True)


@seeds
def test_thresholds_are_cleanlabs(seed: int) -> None:
    labels, probs = rows(seed)
    np.testing.assert_allclose(confident_thresholds(labels, probs), get_confident_thresholds(labels, probs), atol=1e-12)


@seeds
def test_the_joint_is_cleanlabs_where_no_collision_is_settled_differently(seed: int) -> None:
    labels, probs = rows(seed)
    thresholds = confident_thresholds(labels, probs)
    reached = probs >= thresholds - THRESHOLD_SLACK
    differs = reached.any(axis=1) & ~reached[np.arange(700), probs.argmax(axis=1)] & (reached.sum(axis=1) > 1)
    ours = confident_joint(labels, probs)
    theirs = compute_confident_joint(labels, probs, calibrate=False)
    assert np.abs(ours - theirs).sum() <= 2 * differs.sum()
    if not differs.any():
        np.testing.assert_array_equal(ours, theirs)


def test_a_collision_is_settled_as_in_the_paper() -> None:
    # Thresholds .6, .2, .3. The last two rows reach those of classes 1 and 2, not that of 0, their most probable one.
    labels = np.array([0, 1, 2])
    probs = np.array([[0.6, 0.2, 0.2], [0.5, 0.2, 0.3], [0.5, 0.2, 0.3]])
    assert confident_joint(labels, probs).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert compute_confident_joint(labels, probs, calibrate=False)[1:, 0].tolist() == [1, 1]


@seeds
def test_the_calibrated_joint_is_cleanlabs_but_for_equal_remainders(seed: int) -> None:
    labels, probs = rows(seed)
    joint = compute_confident_joint(labels, probs, calibrate=False)
    ours = calibrated_joint(joint, np.bincount(labels, minlength=probs.shape[1]))
    theirs = calibrate_confident_joint(joint, labels)
    np.testing.assert_array_equal(ours.sum(axis=1), theirs.sum(axis=1))
    for counts, differs in zip(joint, ours != theirs, strict=True):
        assert len(set(counts[differs].tolist())) <= 1


@seeds
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (self_doubt, "self_confidence"),
        (margin_doubt, "normalized_margin"),
        (entropy_doubt, "confidence_weighted_entropy"),
    ],
)
def test_scores_are_one_minus_cleanlabs(seed: int, ours, theirs: str) -> None:
    labels, probs = rows(seed)
    quality = get_label_quality_scores(labels, probs, method=theirs)
    np.testing.assert_allclose(ours(labels, probs), 1 - quality, atol=1e-9)
