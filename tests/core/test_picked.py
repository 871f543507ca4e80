from __future__ import annotations

import numpy as np

from dechaff.core.picked import picked


def test_it_picks_what_indexing_picks_from_any_layout() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((30, 7))
    rows, columns = rng.integers(0, 15, 20), rng.integers(0, 7, 20)
    for array in (values, np.asfortranarray(values), values[::2]):
        np.testing.assert_array_equal(picked(array, rows, columns), array[rows, columns])


def test_it_picks_a_grid() -> None:
    values = np.arange(12.0).reshape(3, 4)
    assert picked(values, np.array([[0, 2]]), np.array([[1], [3]])).tolist() == [[1.0, 9.0], [3.0, 11.0]]
