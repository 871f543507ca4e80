from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dechaff.core.top_rows import top_rows


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(-1, 42))
def test_it_marks_the_first_rows_of_a_stable_sort(score: list[int], wanted: int) -> None:
    values = np.array(score, dtype=np.float64)
    expected = np.zeros(len(score), dtype=bool)
    expected[np.argsort(-values, kind="stable")[: max(wanted, 0)]] = True
    np.testing.assert_array_equal(top_rows(values, wanted), expected)
