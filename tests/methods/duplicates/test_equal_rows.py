from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.groups import connected_groups
from dechaff.core.over_arrays import fold_over
from dechaff.core.row_hash import row_hash_128
from dechaff.core.source import ArraySource
from dechaff.methods.duplicates import equal_contents, equal_rows


def test_groups_are_numbered_by_their_first_row() -> None:
    assert equal_rows(np.array([5, 2, 2, 5, 1])).tolist() == [0, 1, 1, 0, -1]


def test_rows_that_are_compared_with_none_stay_alone() -> None:
    assert equal_rows(np.array([-1, -1, 3, 3])).tolist() == [-1, -1, 0, 0]


def test_no_rows_have_no_groups() -> None:
    assert equal_rows(np.empty(0, dtype=np.int64)).tolist() == []
    assert equal_rows(np.array([4])).tolist() == [-1]


@settings(max_examples=30, deadline=None)
@given(
    codes=st.lists(st.integers(0, 6), max_size=60),
    chunk_rows=st.integers(1, 20),
    most_bytes=st.sampled_from([300, 1000, 2**28]),
)
def test_the_groups_are_those_of_the_rows_in_memory(codes: list[int], chunk_rows: int, most_bytes: int) -> None:
    bits = row_hash_128(np.array([f"text {code}" for code in codes], dtype=object))
    columns = {"row": np.arange(len(codes)), "content": bits[:, 0], "content_low": bits[:, 1]}
    source = ArraySource(columns, chunk_rows=chunk_rows)
    pairs = equal_contents(lambda fold: fold_over(fold, source), len(codes), most_bytes=most_bytes)
    expected = equal_rows(np.array(codes, dtype=np.int64))
    np.testing.assert_array_equal(connected_groups(pairs, len(codes)), expected)


def test_half_a_hash_in_common_is_no_equality() -> None:
    high, low = np.array([5, 5, 5, 0, 0], dtype=np.uint64), np.array([1, 2, 1, 1, 1], dtype=np.uint64)
    source = ArraySource({"row": np.arange(5), "content": high, "content_low": low})
    assert equal_contents(lambda fold: fold_over(fold, source), 5).tolist() == [[0, 2], [3, 4]]
