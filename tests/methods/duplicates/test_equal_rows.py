from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core.over_arrays import fold_over
from dechaff.core.row_hash import row_hash_128
from dechaff.core.source import ArraySource
from dechaff.methods.duplicates.equal_rows import equal_contents


@settings(max_examples=30, deadline=None)
@given(
    codes=st.lists(st.integers(0, 6), max_size=60),
    chunk_rows=st.integers(1, 20),
    most_bytes=st.sampled_from([300, 1000, 2**28]),
)
def test_each_row_is_paired_with_the_first_that_equals_it(codes: list[int], chunk_rows: int, most_bytes: int) -> None:
    bits = row_hash_128(np.array([f"text {code}" for code in codes], dtype=object))
    columns = {"row": np.arange(len(codes)), "content": bits[:, 0], "content_low": bits[:, 1]}
    source = ArraySource(columns, chunk_rows=chunk_rows)
    pairs = equal_contents(lambda fold: fold_over(fold, source), len(codes), most_bytes=most_bytes)
    # By comparing each with each: every row with the first that equals it.
    assert pairs.tolist() == sorted(
        [codes.index(code), row] for row, code in enumerate(codes) if codes.index(code) < row
    )


def test_half_a_hash_in_common_is_no_equality() -> None:
    high, low = np.array([5, 5, 5, 0, 0], dtype=np.uint64), np.array([1, 2, 1, 1, 1], dtype=np.uint64)
    source = ArraySource({"row": np.arange(5), "content": high, "content_low": low})
    assert equal_contents(lambda fold: fold_over(fold, source), 5).tolist() == [[0, 2], [3, 4]]
