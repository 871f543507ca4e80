from __future__ import annotations

from itertools import pairwise

import numpy as np

from dechaff.methods.label_evidence.training_dynamics import forgetting
from tests.methods.label_evidence.trainings import training


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
