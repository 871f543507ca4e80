"""Tokens judged by matrix and margin: most carry one class, and the model confuses two of the others."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dechaff.methods.label_errors.estimates_of_rows import error_odds_of
from dechaff.methods.label_errors.label_scores import margin_doubt
from dechaff.methods.label_errors.matrix_and_margin import BlendedRanks, judge_by_matrix_and_margin

OUTSIDE, ORG, LOC = 0, 2, 3


def made(n=12_000, *, seed=0):
    """True classes, and calibrated probabilities that are unsure between ORG and LOC."""
    rng = np.random.default_rng(seed)
    prior = np.array([0.82, 0.06, 0.06, 0.06])
    true = rng.choice(4, n, p=prior)
    seen = 3.5 * np.eye(4)[true] + rng.normal(size=(n, 4)) * [1, 1, 1.6, 1.6]
    weights = prior * np.exp(seen * [3.5, 3.5, 1.4, 1.4])
    return true, weights / weights.sum(axis=1, keepdims=True)


def with_errors(true, kind, *, seed=1):
    hit = np.random.default_rng(seed).random(len(true)) < 0.2
    if kind == "swapped":
        return np.where(hit & (true >= ORG), ORG + LOC - true, true)
    return np.where(hit & (true > OUTSIDE), OUTSIDE, true)


@pytest.mark.parametrize("kind", ["swapped", "forgotten"])
def test_errors_by_class_rank_above_the_margin_and_flags_put_labels_right(kind):
    true, probs = made()
    labels = with_errors(true, kind)
    wrong, found = labels != true, judge_by_matrix_and_margin(labels, probs)
    by_margin = average_precision_score(wrong, margin_doubt(labels, probs))
    assert average_precision_score(wrong, found.estimates.log_odds) > by_margin + 0.03
    assert found.reliable
    corrected = np.where(found.estimates.flag, found.estimates.suggested, labels)
    assert (corrected == true).mean() > (labels == true).mean()
    assert found.estimates.score.mean() == pytest.approx(found.estimates.rate, rel=1e-3)


def test_a_model_with_more_errors_than_the_labels_is_not_reliable():
    true, probs = made()
    assert not judge_by_matrix_and_margin(true, probs).reliable


def test_the_same_labels_get_the_same_odds_one_by_one():
    true, probs = made(2000)
    labels = with_errors(true, "swapped")
    found, some = judge_by_matrix_and_margin(labels, probs), np.arange(0, 2000, 7)
    by_matrix, _ = error_odds_of(found.estimates, labels[some], probs[some])
    again = found.log_odds(by_matrix, labels[some], probs[some])
    assert again == pytest.approx(found.estimates.log_odds[some], abs=1e-6)


def test_a_blend_goes_by_ranks_and_adds_up_to_the_rate():
    by_matrix, margins = np.array([-3.0, 0.0, 2.0, 1.0]), np.array([0.1, 0.9, 0.3, 0.2])
    blend = BlendedRanks.of(by_matrix, margins, weight=0.25, rate=0.5)
    odds = blend.log_odds(by_matrix, margins)  # ranks 0 1 3 2 and 0 3 2 1 make 0, 2.5, 2.25, 1.25
    assert np.argsort(odds).tolist() == [0, 3, 2, 1]
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(0.5, abs=1e-4)
