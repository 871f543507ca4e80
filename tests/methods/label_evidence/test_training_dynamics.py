from __future__ import annotations

from itertools import pairwise

import numpy as np

from dechaff.methods.label_evidence.training_dynamics import (
    area_under_margin,
    cartography,
    forgetting,
    mean_margin,
)
from tests.methods.label_evidence.trainings import training


def test_the_map_by_hand() -> None:
    stages = np.array([[[0.2, 0.8], [1.0, 0.0]], [[0.6, 0.4], [1.0, 0.0]]])
    seen = cartography(np.array([0, 0]), stages)
    np.testing.assert_allclose(seen.confidence, [0.4, 1.0])
    np.testing.assert_allclose(seen.variability, [0.2, 0.0])
    np.testing.assert_allclose(seen.correctness, [0.5, 1.0])


def test_logits_and_their_probabilities_make_one_map() -> None:
    labels, _, stages = training()
    probs = np.exp(stages) / np.exp(stages).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(cartography(labels, stages).score, cartography(labels, probs).score)


def test_wrong_labels_are_hard_to_learn() -> None:
    labels, wrong, stages = training()
    score = cartography(labels, stages).score
    assert score[wrong].mean() > score[~wrong].mean() + 0.2


def test_the_margin_by_hand() -> None:
    stages = np.array([[[3.0, 1.0, 0.0], [0.0, 2.0, 5.0]], [[1.0, 2.0, 0.0], [4.0, 1.0, 1.0]]])
    # first row, label 0: 3 - 1 and 1 - 2; second row, label 1: 2 - 5 and 1 - 4
    np.testing.assert_allclose(mean_margin(np.array([0, 1]), stages), [0.5, -3.0])


def test_labels_that_are_learnt_late_come_first() -> None:
    labels, wrong, stages = training()
    score = area_under_margin(labels, stages)
    assert score[wrong].mean() > score[~wrong].mean() + 0.3
    assert score.min() >= 0
    assert score.max() <= 1


def test_equal_margins_share_a_rank() -> None:
    assert area_under_margin(np.array([0, 0]), np.zeros((2, 2, 2))).tolist() == [0.5, 0.5]


def test_ties_stand_in_the_middle_of_their_ranks() -> None:
    stages = np.array([[[-3.0, 0.0], [-1.0, 0.0], [-3.0, 0.0]]])
    assert area_under_margin(np.array([0, 0, 0]), stages).tolist() == [0.75, 0.0, 0.75]


def test_one_row_has_a_rank() -> None:
    assert area_under_margin(np.array([1]), np.zeros((3, 1, 2))).tolist() == [0.0]


def by_loop(labels: np.ndarray, stages: np.ndarray) -> list[int]:
    knows = stages.argmax(axis=2) == labels
    return [int(sum(before and not after for before, after in pairwise(row))) for row in knows.T]


def test_more_events_more_doubt() -> None:
    labels, _, stages = training()
    score, events = forgetting(labels, stages), np.array(by_loop(labels, stages))
    learnt = stages[-1].argmax(axis=1) == labels
    means = [score[learnt & (events == count)] for count in range(3)]
    assert all(len(set(part.tolist())) == 1 for part in means)
    assert means[0][0] < means[1][0] < means[2][0]


def test_a_row_that_is_never_learnt_comes_first() -> None:
    stages = np.zeros((9, 2, 2))
    stages[:, 0, 1] = 1
    stages[::2, 1, 1] = 1  # given only at every other stage
    score = forgetting(np.array([0, 0]), stages)
    assert score[0] == 1 > score[1]


def test_wrong_labels_are_doubted_more() -> None:
    labels, wrong, stages = training()
    score = forgetting(labels, stages)
    assert score[wrong].mean() > score[~wrong].mean()
    assert score.min() >= 0
    assert score.max() <= 1
