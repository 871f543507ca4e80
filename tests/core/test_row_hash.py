"""Equal rows, equal numbers, in any container."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from dechaff.core.row_hash import row_hash, row_hash_128

NAN = float("nan")


def table() -> np.ndarray:
    random = np.random.default_rng(0)
    return np.round(random.normal(size=(200, 7)), 1) * (random.random((200, 7)) > 0.5)


def test_one_table_has_the_same_hashes_in_every_container() -> None:
    numbers = table()
    names = [f"c{place}" for place in range(7)]
    expected = row_hash(numbers)
    others = [
        numbers.tolist(),
        np.asfortranarray(numbers),
        sp.csr_matrix(numbers),
        sp.csr_array(numbers),
        sp.csc_array(numbers),
        sp.coo_array(numbers),
        pd.DataFrame(numbers, columns=names),
        pl.DataFrame(numbers, schema=names),
        numbers.astype(object),
    ]
    for other in others:
        assert np.array_equal(row_hash(other), expected), type(other)


def test_hashes_tell_exactly_the_rows_that_differ_apart() -> None:
    numbers = np.random.default_rng(1).integers(0, 3, size=(500, 4)).astype(float)
    _, expected = np.unique(numbers, axis=0, return_inverse=True)
    hashes = row_hash(numbers)
    assert np.array_equal(hashes[:, None] == hashes, expected[:, None] == expected)


def test_hashes_go_with_their_rows() -> None:
    numbers = table()
    order = np.random.default_rng(2).permutation(len(numbers))
    assert np.array_equal(row_hash(numbers[order]), row_hash(numbers)[order])


def test_minus_zero_is_zero_and_missing_is_missing() -> None:
    hashes = row_hash(np.array([[0.0, NAN], [-0.0, -NAN], [NAN, 0.0]]))
    assert hashes[0] == hashes[1] != hashes[2]


def test_stored_zeros_and_split_cells_of_a_sparse_matrix_count_by_value() -> None:
    split = sp.csr_array((np.array([1.0, 2.0, 0.0]), np.array([0, 0, 1]), np.array([0, 3])), shape=(1, 2))
    assert row_hash(split) == row_hash(np.array([[3.0, 0.0]]))
    assert split.nnz == 3


@pytest.mark.parametrize(
    "rows",
    [
        ["a b", "c", "a b"],
        np.array(["a b", "c", "a b"], dtype=object),
        [{"a": 1}, {"b": 2}, {"a": 1}],
        [[1, 2], [3], [1, 2]],
        pd.DataFrame(
            {"n": [1, 2, 1], "t": ["a", "b", "a"], "d": pd.to_datetime(["2020-01-01", "2021-01-01", "2020-01-01"])}
        ),
        pd.DataFrame({"n": pd.Series([1, None, 1], dtype="Int64"), "t": pd.Series(["a", None, "a"], dtype="category")}),
        pl.DataFrame({"n": [1, None, 1], "t": ["a", None, "a"]}),
        np.array([[1 + 2j], [3], [1 + 2j]]),
        np.array([[1, {"a": 1}], [2, "b"], [1, {"a": 1}]], dtype=object),
    ],
)
def test_rows_of_every_kind_are_compared(rows: object) -> None:
    first, second, third = row_hash(rows)
    assert first == third != second


def test_no_rows_and_no_columns_are_no_trouble() -> None:
    assert row_hash(np.empty((0, 3))).shape == (0,)
    assert row_hash(np.empty((4, 0))).tolist() == [0, 0, 0, 0]
    assert row_hash([]).shape == (0,)


def test_the_halves_of_a_long_hash_know_nothing_of_each_other() -> None:
    for rows in (table(), [f"text {number}" for number in range(200)], sp.csr_matrix(table())):
        high, low = row_hash_128(rows).T
        np.testing.assert_array_equal(high, row_hash(rows))
        assert len(np.unique(high)) == len(np.unique(low))
        assert abs(np.corrcoef(high.astype(float), low.astype(float))[0, 1]) < 0.3
        assert not (high == low).any()
        assert (high | low).all()


def test_texts_with_half_a_sign_have_hashes() -> None:
    one, other = row_hash(["half \ud800", "half \ud801"])
    assert one != other
