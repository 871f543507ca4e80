from __future__ import annotations

import numpy as np

from dechaff.methods.label_reviews.injected_errors import injected_errors


def test_planted_labels_are_wrong_and_drawn_as_the_noise_draws_them() -> None:
    noise = np.array([[0.7, 0.0, 0.2], [0.1, 1.0, 0.0], [0.2, 0.0, 0.8]])
    labels = np.repeat([0, 1, 2], 20_000)
    injected = injected_errors(labels, np.zeros(60_000), noise, most=6000)
    was = labels[injected.rows]
    assert len(injected.rows) == 6000
    assert (was != injected.labels).all()
    counts = np.zeros((3, 3))
    np.add.at(counts, (injected.labels, was), 1)
    assert np.allclose(counts / 6000, np.array([[0, 0, 0.4], [0.2, 0, 0], [0.4, 0, 0]]), atol=0.03)


def test_rows_that_are_probably_wrong_already_are_left_alone() -> None:
    score = np.where(np.arange(100) < 70, 0.9, 0.1)
    injected = injected_errors(np.zeros(100, dtype=np.int64), score, np.full((2, 2), 0.5), seed=1)
    assert (injected.rows >= 70).all()


def test_without_noise_nothing_can_be_planted() -> None:
    assert len(injected_errors(np.zeros(50, dtype=np.int64), np.zeros(50), np.eye(2)).rows) == 0
