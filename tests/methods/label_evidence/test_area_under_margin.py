from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.training_dynamics import (
    area_under_margin,
    area_under_margin_threshold,
    mean_margin,
)
from tests.methods.label_evidence.trainings import training


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


def test_planted_rows_give_the_threshold() -> None:
    margin = np.array([9.0, *np.arange(-100.0, 0.0)])
    assert area_under_margin_threshold(margin, np.arange(1, 101)) == np.percentile(np.arange(-100, 0), 99)


def test_one_row_has_a_rank() -> None:
    assert area_under_margin(np.array([1]), np.zeros((3, 1, 2))).tolist() == [0.0]
