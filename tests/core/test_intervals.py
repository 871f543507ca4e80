"""Intervals of proportions, beside scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from dechaff.core.intervals import clopper_pearson_interval, jeffreys_interval, wilson_interval


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (950, 1000)])
def test_they_are_those_of_scipy(hits: int, n: int) -> None:
    found = binomtest(hits, n)
    assert wilson_interval(hits / n, n) == pytest.approx(tuple(found.proportion_ci(0.95, "wilson")), abs=1e-12)
    assert clopper_pearson_interval(hits, n) == pytest.approx(tuple(found.proportion_ci(0.95, "exact")), abs=1e-12)


def test_wilsons_takes_arrays() -> None:
    low, high = wilson_interval(np.array([0.0, 0.5]), np.array([4, 4]))
    assert low[0] == 0
    assert low.shape == high.shape == (2,)


def test_jeffreyss_lies_between_the_ends_of_the_exact_one() -> None:
    (low, high), (lowest, highest) = jeffreys_interval(3, 10), clopper_pearson_interval(3, 10)
    assert lowest < low < 0.3 < high < highest
