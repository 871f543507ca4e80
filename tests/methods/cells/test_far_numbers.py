import numpy as np
import pytest

from dechaff.methods.cells.far_numbers import far_numbers

AGES = np.arange(18.0, 80.0)


def values_of(cells) -> list[float]:
    return [found.value for found in far_numbers(np.asarray(cells, dtype=float))]


def test_a_number_is_far_if_its_gap_is_twice_the_range_of_all_others():
    around_zero = np.arange(-30.0, 31.0)  # three lie at the other end of a range of 57, so 30 + 114 is far
    assert values_of([*around_zero, 144.0]) == [144.0]
    assert values_of([*around_zero, 143.0]) == []
    assert values_of([*around_zero, -151.0]) == [-151.0]


def test_a_number_of_one_sign_must_be_far_on_a_logarithmic_scale_as_well():
    assert values_of([*AGES, 202.0]) == []
    assert values_of([*AGES, 250.0]) == [250.0]


def test_far_numbers_at_both_ends_are_found_with_their_cells_and_the_range_of_the_others():
    low, high = far_numbers(np.array([*AGES, -400.0, 312.0, 312.0, np.nan]))
    assert (low.value, low.count, high.value, high.count) == (-400.0, 1, 312.0, 2)
    assert (high.low, high.high) == (18.0, 79.0)


@pytest.mark.parametrize("draw", ["lognormal", "exponential", "normal"])
def test_the_largest_values_of_a_skewed_column_are_no_errors(draw):
    rng = np.random.default_rng(0)
    assert [values_of(getattr(rng, draw)(size=400)) for _ in range(50)] == [[]] * 50


def test_few_values_and_no_values_have_no_outlier():
    assert values_of([1.0, 2.0, 3.0, 1000.0]) == []
    assert values_of([]) == []
    assert values_of([np.nan, np.inf]) == []
