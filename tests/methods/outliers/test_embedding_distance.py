"""Distances of embeddings."""

from __future__ import annotations

import numpy as np
from sklearn.covariance import ledoit_wolf

from dechaff.methods.outliers.embedding_distance import CosineDistance, MahalanobisDistance, shrunk_covariance

RANDOM = np.random.default_rng(0)


def test_the_covariance_is_that_of_scikit_learn() -> None:
    for shape in ((40, 5), (5, 40), (2, 3)):
        rows = RANDOM.normal(size=shape) @ RANDOM.normal(size=(shape[1], shape[1]))
        np.testing.assert_allclose(shrunk_covariance(rows), ledoit_wolf(rows)[0], atol=1e-10)


def test_rows_that_are_all_equal_have_no_distance() -> None:
    rows, fold = np.ones((30, 3)), np.arange(30) % 5
    chunk = {"vectors": rows, "fold": fold}
    np.testing.assert_allclose(MahalanobisDistance.of(rows, fold).rows(chunk), 0)
    np.testing.assert_allclose(CosineDistance(rows, fold).rows(chunk), 0, atol=1e-7)


def test_the_angle_is_that_to_the_nearest_ten_of_other_folds() -> None:
    rows, fold = RANDOM.normal(size=(60, 4)), np.arange(60) % 5
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = np.where(fold[:, None] == fold[None, :], -np.inf, unit @ unit.T)
    expected = 1 - np.sort(cosine, axis=1)[:, -10:].mean(axis=1)
    np.testing.assert_allclose(CosineDistance(rows, fold).rows({"vectors": rows, "fold": fold}), expected, atol=1e-6)


def test_a_fold_that_the_reference_lacks_is_compared_all_the_same() -> None:
    far = MahalanobisDistance.of(RANDOM.normal(size=(100, 2)), np.zeros(100, dtype=np.int64))
    near, away = far.rows({"vectors": np.array([[0.0, 0.0], [9.0, 9.0]]), "fold": np.array([4, 4])})
    assert near < 1 < away
