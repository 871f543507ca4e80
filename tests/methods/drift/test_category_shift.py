"""Two samples of categories."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from dechaff.methods.drift.category_shift import category_shift


def test_the_p_value_doubles_the_smaller_hypergeometric_tail() -> None:
    found = category_shift(np.array([28, 12]), np.array([10, 20]))
    tail = hypergeom(70, 38, 30).cdf(10)
    assert found.p_value == pytest.approx(2 * 2 * tail)
    assert found.distance == pytest.approx(28 / 40 - 10 / 30)


def test_the_category_that_is_new_is_named() -> None:
    assert category_shift(np.array([50, 50, 0]), np.array([40, 40, 20])).category == 2


def test_one_distribution_has_small_p_values_as_rarely_as_stated() -> None:
    rng = np.random.default_rng(0)
    drawn = [rng.multinomial([200, 80], [0.5, 0.3, 0.1, 0.05, 0.05]) for _ in range(400)]
    assert np.mean([category_shift(*counts).p_value <= 0.05 for counts in drawn]) <= 0.05


@pytest.mark.parametrize("counts", [([0, 0], [3, 4]), ([1, 1], [1, 1]), ([], [])])
def test_too_few_rows_never_differ(counts: tuple[list[int], list[int]]) -> None:
    assert category_shift(*(np.array(side, dtype=np.int64) for side in counts)).p_value == 1
