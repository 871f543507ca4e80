from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.neighbour_votes import neighbour_counts, neighbour_votes


def test_votes_by_hand() -> None:
    labels = np.array([0, 0, 1, 1])
    nearest = np.array([[1, 2], [0, 2], [3, 1], [2, -1]])
    # counts (1, 1), (1, 1), (1, 1), (0, 1), and half a vote for each class
    expected = [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.25, 0.75]]
    np.testing.assert_allclose(neighbour_votes(labels, nearest, 2), expected)


def test_a_rows_own_label_never_votes() -> None:
    nearest = np.array([[1, 2], [0, 2], [0, 1]])
    before = neighbour_counts(np.array([0, 1, 1]), nearest, 2)[0]
    after = neighbour_counts(np.array([1, 1, 1]), nearest, 2)[0]
    np.testing.assert_array_equal(before, after)


def test_a_row_without_neighbours_gets_the_class_shares() -> None:
    votes = neighbour_votes(np.array([0, 0, 0, 1]), np.full((4, 2), -1), 3)
    np.testing.assert_allclose(votes, [[0.75, 0.25, 0.0]] * 4)


def test_rows_sum_to_one() -> None:
    rng = np.random.default_rng(0)
    votes = neighbour_votes(rng.integers(0, 3, 30), rng.integers(-1, 30, (30, 5)), 3)
    np.testing.assert_allclose(votes.sum(axis=1), 1)
