"""Rows amid another class are hard, whatever the matrix is stored as."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from sklearn.neighbors import NearestNeighbors

from dechaff.methods.curriculum.neighbour_impurity import neighbour_impurity

RNG = np.random.default_rng(0)
FEATURES, LABELS = RNG.normal(size=(60, 3)), RNG.integers(0, 3, 60)


def test_it_is_the_fraction_of_neighbours_with_another_label() -> None:
    ids = NearestNeighbors(n_neighbors=5).fit(FEATURES).kneighbors(return_distance=False)
    assert np.allclose(neighbour_impurity(LABELS, FEATURES, count=5), (LABELS[ids] != LABELS[:, None]).mean(axis=1))


def test_a_sparse_matrix_gives_the_same() -> None:
    dense = neighbour_impurity(LABELS, FEATURES, count=3)
    assert np.allclose(neighbour_impurity(LABELS, sp.csr_matrix(FEATURES), count=3), dense)


def test_one_row_has_no_neighbour() -> None:
    assert neighbour_impurity(np.array([0]), np.zeros((1, 2))).tolist() == [0.0]


def test_few_rows_have_few_neighbours() -> None:
    assert neighbour_impurity(np.array([0, 1]), np.zeros((2, 2))).tolist() == [1.0, 1.0]
