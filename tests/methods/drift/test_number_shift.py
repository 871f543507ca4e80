"""Two samples of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from dechaff.methods.drift.number_shift import NO_SHIFT, mid_ranks, number_shift


def test_the_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=300), rng.normal(size=200) + 1
    assert number_shift(reference, current).distance == pytest.approx(ks_2samp(reference, current).statistic)


def test_a_change_of_spread_is_found_with_far_fewer_rows_than_kolmogorov_and_smirnov_need() -> None:
    rng = np.random.default_rng(1)
    reference, current = rng.normal(size=400), 1.6 * rng.normal(size=400)
    assert number_shift(reference, current).p_value < 1e-6 * ks_2samp(reference, current).pvalue


@pytest.mark.parametrize("tied", [False, True])
def test_samples_of_one_distribution_have_small_p_values_as_rarely_as_stated(tied: bool) -> None:
    rng = np.random.default_rng(2)
    p_values = []
    for _ in range(400):
        values = rng.normal(size=250)
        values = np.round(values) if tied else values
        p_values.append(number_shift(values[:150], values[150:]).p_value)
    assert (np.array(p_values) <= 0.05).mean() <= 0.06


def test_nothing_differs_from_no_numbers() -> None:
    assert number_shift(np.array([1.0]), np.zeros(0)) == NO_SHIFT


def test_infinite_and_huge_numbers_are_only_ranked() -> None:
    values = np.array([1e300, -np.inf, np.inf, 0.0])
    assert mid_ranks(values).tolist() == [3, 1, 4, 2]
    assert np.isfinite(number_shift(values, values).p_value)
