from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.core import top_rows as module
from dechaff.core.top_rows import top_rows


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(-1, 42))
def test_it_marks_the_first_rows_of_a_stable_sort(score: list[int], wanted: int) -> None:
    values = np.array(score, dtype=np.float64)
    expected = np.zeros(len(score), dtype=bool)
    expected[np.argsort(-values, kind="stable")[: max(wanted, 0)]] = True
    np.testing.assert_array_equal(top_rows(values, wanted), expected)


@pytest.mark.parametrize("sure", [-10.0, 0.0, 6.0])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("digits", [0, 1, 9])
def test_a_look_at_some_rows_does_not_change_which_are_marked(
    sure: float, ordered: bool, digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH_A_LOOK", 1)
    monkeypatch.setattr(module, "_SURE", sure)
    score = np.round(np.random.default_rng(0).normal(size=3000), digits)
    score = np.sort(score) if ordered else score
    order = sorted(range(len(score)), key=lambda row: (-score[row], row))
    for wanted in (-1, 0, 1, 5, 300, 1500, 2999, 3000, 3001):
        expected = np.zeros(len(score), dtype=bool)
        expected[order[: max(wanted, 0)]] = True
        np.testing.assert_array_equal(top_rows(score, wanted), expected)
