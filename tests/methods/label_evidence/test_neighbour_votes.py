from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.neighbours import Search, direction_rows
from dechaff.methods.label_evidence.neighbour_votes import (
    nearest_outputs,
    neighbour_counts,
    neighbour_votes,
    search_rows,
)


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


def by_loop(features: np.ndarray, count: int) -> np.ndarray:
    centred = features - features.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    found = []
    for row, one in enumerate(unit):
        likeness = unit @ one
        likeness[(likeness > 0.999999) | (np.arange(len(unit)) == row)] = -np.inf
        found.append(np.argsort(-likeness, kind="stable")[:count])
    return np.array(found)


def test_the_same_rows_as_a_plain_loop() -> None:
    features = np.random.default_rng(0).normal(size=(300, 6))
    same = search_rows(features, count=5).ids == by_loop(features, 5)
    assert same.mean() > 0.99  # the grid may swap two rows at the same distance to four digits


def test_the_answer_does_not_depend_on_threads() -> None:
    features = np.random.default_rng(1).normal(size=(200, 40)).astype(np.float32)
    one = search_rows(features, count=7, search=Search(threads=1))
    two = search_rows(features, count=7, search=Search(threads=2))
    np.testing.assert_array_equal(one.ids, two.ids)
    np.testing.assert_array_equal(one.ids, search_rows(features, count=7).ids)


def test_products_on_the_grid_are_exact() -> None:
    directions = direction_rows(np.random.default_rng(2).normal(size=(64, 500))).rows
    in_float = directions @ directions.T
    np.testing.assert_array_equal(in_float, directions.astype(np.int64) @ directions.T.astype(np.int64))


def test_a_row_and_its_copies_are_no_neighbours() -> None:
    features = np.random.default_rng(3).normal(size=(20, 3))
    features[7] = features[3]
    nearest = search_rows(features, count=19).ids
    assert 3 not in nearest[7]
    assert 7 not in nearest[3]
    assert (nearest[3] == -1).sum() == 1
    assert all(row not in nearest[row] for row in range(20))


def test_equal_distances_go_to_the_smaller_row() -> None:
    around = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    assert search_rows(around, count=2).ids[0].tolist() == [1, 3]


def test_of_very_many_rows_most_neighbours_are_found_and_no_copies() -> None:
    features = np.random.default_rng(4).normal(size=(3000, 5))
    features[1000:2000] = features[:1000]
    found = search_rows(features, count=6, search=Search(exact_up_to=1000))
    exact = search_rows(features, count=6)
    assert exact.exact
    assert found.recall > 0.96
    assert (found.ids == exact.ids).mean() > 0.9
    assert not (features[found.ids] == features[:, None]).all(axis=2).any()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_leave_places_empty(n: int) -> None:
    nearest = search_rows(np.arange(2.0 * n).reshape(n, 2), count=3).ids
    assert nearest.shape == (n, 3)
    assert (nearest[:, max(n - 1, 0) :] == -1).all()


def test_outputs_that_are_equal_are_neighbours() -> None:
    probs = np.array([[0.7, 0.3], [0.5, 0.5], [0.7, 0.3], [0.69, 0.31]])
    assert nearest_outputs(probs, count=2)[0].tolist() == [2, 3]
