from __future__ import annotations

import numpy as np
import pytest

from dechaff.core.codes import class_rows, combine_codes, factorize


@pytest.mark.parametrize("k", [1, 3, 256, 257, 70_000])
def test_each_class_has_its_rows_in_order(k: int) -> None:
    labels = np.random.default_rng(0).integers(0, k, 500)
    by_class = class_rows(labels, k)
    for code in {0, k // 2, k - 1, int(labels[0])}:
        np.testing.assert_array_equal(by_class.of(code), np.flatnonzero(labels == code))


def test_no_rows_are_of_no_class() -> None:
    assert class_rows(np.empty(0, dtype=int), 2).of(1).tolist() == []


def test_missing_numbers_are_equal_to_each_other() -> None:
    codes = factorize(np.array([np.nan, 1.0, np.nan]))
    assert codes[0] == codes[2] != codes[1]


def test_rows_are_equal_only_where_all_columns_agree() -> None:
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 3, 200) for _ in range(4)]
    code = combine_codes(columns, 200)
    rows = list(zip(*[column.tolist() for column in columns], strict=True))
    assert all((code[i] == code[j]) == (rows[i] == rows[j]) for i in range(200) for j in range(i))


def test_numbers_are_coded_in_their_order_and_objects_as_they_appear() -> None:
    assert factorize(np.array([3, 1, 3])).tolist() == [1, 0, 1]
    assert factorize(np.array(["b", "a", "b", ""], dtype=object)).tolist() == [0, 1, 0, 2]
    assert factorize(np.empty(0)).tolist() == factorize(np.empty(0, dtype=object)).tolist() == []


def test_rows_without_columns_are_all_equal() -> None:
    assert combine_codes([], 3).tolist() == [0, 0, 0]
    assert combine_codes([np.empty(0, dtype=np.int64)], 0).tolist() == []
