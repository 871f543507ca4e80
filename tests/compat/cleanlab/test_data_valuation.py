"""What rows are worth, as by cleanlab."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cleanlab.data_valuation import data_shapley_knn as theirs
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.neighbors import NearestNeighbors

from dechaff.compat.cleanlab.data_valuation import data_shapley_knn
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, same_cases


@same_cases
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 10), st.booleans())
def test_values_are_cleanlabs_by_features_and_by_a_graph(seed: int, columns: int, k: int, by_graph: bool) -> None:
    rng = np.random.default_rng(seed)
    labels, features = rng.integers(0, 3, 40), rng.normal(size=(40, columns))
    graph = NearestNeighbors(n_neighbors=12).fit(features).kneighbors_graph(mode="distance")
    rows = {"knn_graph": graph} if by_graph else {"features": features}
    np.testing.assert_allclose(data_shapley_knn(labels, k=k, **rows), quietly(theirs, labels, k=k, **rows))


def test_labels_may_be_names_and_the_metric_a_word() -> None:
    rng = np.random.default_rng(0)
    labels, features = rng.integers(0, 3, 40), rng.normal(size=(40, 5))
    named = data_shapley_knn(np.array(["ant", "bee", "cat"])[labels], features=features, metric="euclidean")
    np.testing.assert_array_equal(named, data_shapley_knn(labels, features=features, metric="euclidean"))
    assert (named != data_shapley_knn(labels, features=features)).any()


LABELS, FEATURES = np.arange(20) % 2, np.arange(20.0)[:, None]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "found neither"),
        ({"features": FEATURES, "knn_graph": csr_matrix((20, 20))}, "found both"),
        ({"features": FEATURES[1:]}, "20 rows in labels, 19 rows in features"),
        ({"features": FEATURES, "k": 20}, "no more than there are other rows"),
        ({"features": FEATURES, "metric": "crow"}, "metric must be one of cosine, euclidean"),
        ({"knn_graph": csr_matrix(np.eye(20)), "k": 2}, "contain k=2 neighbours of each row, .*; found 1 in row 0"),
        ({"knn_graph": csr_matrix(np.ones((19, 19))), "k": 2}, "20 rows in labels, 19 rows in neighbours"),
        ({"knn_graph": np.ones((20, 20)), "k": 2}, "knn_graph must be a sparse matrix of distances; found ndarray"),
        ({"features": np.where(FEATURES == 6, np.nan, FEATURES)}, "features must be finite.*in row 6"),
    ],
)
def test_what_cannot_be_valued_is_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        data_shapley_knn(LABELS, **options)
