from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.core import exact_sum as module
from dechaff.core.exact_sum import exact_sum, exact_sum_by, exact_zero, whole_sum
from dechaff.errors import InputError


def test_a_sum_is_right_to_the_last_digit() -> None:
    values = np.random.default_rng(0).random(10_000)
    assert float(exact_sum(values).value()) == math.fsum(np.rint(values * 2.0**60) / 2.0**60)


@given(st.lists(st.floats(-1000, 1000), max_size=30), st.randoms(use_true_random=False))
def test_the_order_does_not_move_a_bit(values: list[float], shuffle) -> None:
    mixed = values.copy()
    shuffle.shuffle(mixed)
    assert exact_sum(np.array(values)).value() == exact_sum(np.array(mixed)).value()


def test_numbers_that_a_float_would_swallow_are_kept() -> None:
    values = np.array([2.0**20, 2.0**-50, -(2.0**20)])
    assert float(exact_sum(values).value()) == 2.0**-50


def test_sums_by_code_are_the_sums_of_each_codes_rows() -> None:
    rng = np.random.default_rng(1)
    codes, values = rng.integers(0, 3, 200), rng.normal(size=(200, 2))
    expected = np.stack([exact_sum(values[codes == code]).value() for code in range(3)])
    np.testing.assert_array_equal(exact_sum_by(codes, values, 3).value(), expected)


def test_long_columns_are_added_in_parts_that_stay_exact(monkeypatch) -> None:
    codes, values = np.tile([0, 1], 50), np.linspace(0, 1, 100)
    whole = exact_sum_by(codes, values, 2)
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(exact_sum_by(codes, values, 2).value(), whole.value())


def test_nothing_adds_up_to_zero() -> None:
    assert exact_sum(np.empty((0, 3))).value().tolist() == [0, 0, 0]
    assert (exact_zero(2) + exact_zero(2)).value().tolist() == [0, 0]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_that_would_run_over_is_refused(sign: int) -> None:
    half = np.array([sign * 2**62, 5])
    assert whole_sum(half, -half).tolist() == [0, 0]
    with pytest.raises(InputError, match="8,589,934,591 rows"):
        whole_sum(half, half + sign)
