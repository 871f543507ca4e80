from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.core import top_rows as module
from dechaff.core.over_arrays import over_arrays
from dechaff.core.top_rows import NOTHING, cut_in_memory, cut_of, order_bits, top_rows


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


numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0]), min_size=1)


def flagged(values: np.ndarray, n: int) -> list[int]:
    rows = np.arange(len(values))
    cut = cut_of(over_arrays(odds=values, row=rows), "odds", n)
    return np.flatnonzero(cut.above(values, rows)).tolist()


@settings(max_examples=50, deadline=None)
@given(values=numbers, seed=st.integers(0, 99))
def test_digit_by_digit_is_what_a_stable_sort_says(values: list[float], seed: int) -> None:
    array = np.array(values)
    n = seed % len(array) + 1
    expected = sorted(np.argsort(-array, kind="stable")[:n].tolist())
    assert flagged(array, n) == expected
    rows = np.arange(len(array))
    assert np.flatnonzero(cut_in_memory(array, n).above(array, rows)).tolist() == expected


def test_ties_are_broken_by_row() -> None:
    assert flagged(np.zeros(70_000), 66_000) == list(range(66_000))


@pytest.mark.parametrize("cut", [cut_in_memory(np.ones(3), 0), cut_of(over_arrays(), "odds", 0)])
def test_no_rows_lie_above_the_cut_of_none(cut) -> None:
    assert cut == NOTHING
    assert not cut.above(np.array([1.0, np.inf]), np.arange(2)).any()


def test_bits_sort_as_the_numbers_do() -> None:
    values = np.array([-np.inf, -2.5, -1e-300, -0.0, 0.0, 5e-324, 1.0, np.inf])
    bits = order_bits(values)
    assert (np.diff(bits.astype(object)) >= 0).all()
    assert bits[3] == bits[4]
