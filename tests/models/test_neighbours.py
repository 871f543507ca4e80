"""k nearest neighbours vote; the rows shown beside a finding are the nearest ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from dechaff.models.model import EncodedBound, TrainingRows
from dechaff.models.neighbours import Neighbours, nearest_rows


def rows(n: int = 300, d: int = 5) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, d))


def bound(matrix: object) -> EncodedBound:
    return EncodedBound(Neighbours(), None, matrix, 2, 0)


@pytest.mark.parametrize("cosine", [False, True])
def test_dense_and_sparse_rows_have_the_same_votes(cosine: bool) -> None:
    matrix = np.abs(rows(d=20)) * (rows(d=20) > -0.3)
    codes = np.arange(300) % 3
    learner = Neighbours(7, cosine=cosine)
    dense = learner.learn(TrainingRows(matrix, codes), seed=0).probs(matrix[:50] + 0.01)
    thin = learner.learn(TrainingRows(sparse.csr_matrix(matrix), codes), seed=0)
    thin = thin.probs(sparse.csr_matrix(matrix[:50] + 0.01))
    np.testing.assert_allclose(thin, dense)


def test_a_vote_may_weigh_more_than_another() -> None:
    matrix, codes = np.array([[0.0], [0.1], [5.0]]), np.array([0, 1, 1])
    weight = np.array([3.0, 1.0, 1.0])
    shares = (
        Neighbours(2, prior_votes=0.0)
        .learn(TrainingRows(matrix, codes, weight=weight), seed=0)
        .probs(np.array([[0.0]]))
    )
    np.testing.assert_allclose(shares, [[0.75, 0.25]])


def test_a_row_that_cannot_be_compared_gets_the_class_shares() -> None:
    predictor = Neighbours(2, prior_votes=0.0).learn(TrainingRows(rows(4), np.array([0, 0, 0, 1])), seed=0)
    np.testing.assert_allclose(predictor.probs(np.full((1, 5), np.nan)), [[0.75, 0.25]])
    assert predictor.probs(np.empty((0, 5))).shape == (0, 2)


def test_a_column_without_a_number_changes_nothing_and_is_no_warning() -> None:
    matrix, some = rows(60), np.arange(5)
    empty = np.column_stack([matrix, np.full(60, np.nan)])
    found = nearest_rows(bound(empty), some, count=3)
    np.testing.assert_array_equal(found, nearest_rows(bound(matrix), some, count=3))


def test_the_nearest_rows_of_a_table_are_compared_on_one_scale() -> None:
    matrix = np.array([[0.0, 0.0], [0.0, 900.0], [1.0, 0.0], [np.nan, 1000.0]])
    scaled = (np.nan_to_num(matrix, nan=1 / 3) - np.nanmean(matrix, axis=0)) / np.nanstd(matrix, axis=0)
    distance = np.square(scaled[:, None] - scaled[None]).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    slow = np.argsort(distance, axis=1, kind="stable")[:, :2]
    np.testing.assert_array_equal(nearest_rows(bound(matrix), np.arange(4), count=2), slow)


def test_the_nearest_texts_have_the_smallest_angle() -> None:
    matrix = sparse.csr_matrix(np.array([[1.0, 0, 0], [5, 0, 0.1], [0, 1, 0], [1, 1, 0]]))
    assert nearest_rows(bound(matrix), np.array([0]), count=3).tolist() == [[1, 3, 2]]


def test_what_is_no_matrix_of_numbers_has_no_nearest_rows() -> None:
    assert nearest_rows(bound(np.array(["a", "b"])), np.array([0]), count=2).shape == (1, 0)
    assert nearest_rows(bound(rows(1)), np.array([0]), count=2).shape == (1, 0)
    assert nearest_rows(bound(rows(5)), np.empty(0, dtype=np.int64), count=2).shape == (0, 0)
