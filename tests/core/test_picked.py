from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.picked import picked, row_max


def test_it_picks_what_indexing_picks_from_any_layout() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((30, 7))
    rows, columns = rng.integers(0, 15, 20), rng.integers(0, 7, 20)
    for array in (values, np.asfortranarray(values), values[::2]):
        np.testing.assert_array_equal(picked(array, rows, columns), array[rows, columns])


def test_it_picks_a_grid() -> None:
    values = np.arange(12.0).reshape(3, 4)
    assert picked(values, np.array([[0, 2]]), np.array([[1], [3]])).tolist() == [[1.0, 9.0], [3.0, 11.0]]


@pytest.mark.parametrize("k", [1, 2, 24, 25, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_numpys_maximum_of_each_row(k: int, dtype: type) -> None:
    values = np.random.default_rng(0).random((50, k)).astype(dtype)
    for array in (values, np.asfortranarray(values), values[::2], values[:0]):
        largest = row_max(array)
        assert largest.dtype == dtype
        np.testing.assert_array_equal(largest, array.max(axis=1))


def test_the_array_stays_as_it_is() -> None:
    values = np.array([[0.1, 0.9], [0.7, 0.3]])
    row_max(values)
    assert values.tolist() == [[0.1, 0.9], [0.7, 0.3]]
