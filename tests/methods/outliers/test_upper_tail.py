"""How rare a score is."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.outliers.upper_tail import UpperTail


@pytest.mark.parametrize("scale", [0.2, 1.0, 7.0])
def test_p_values_of_an_exponential_sample_are_right_far_beyond_it(scale: float) -> None:
    tail = UpperTail.of(np.random.default_rng(0).exponential(scale, size=20_000))
    far = np.array([5.0, 12.0, 20.0])
    np.testing.assert_allclose(np.log(tail.p_values(scale * far)), -far, rtol=0.1)


def test_a_few_outliers_do_not_hide_one_another() -> None:
    rng = np.random.default_rng(1)
    scores = rng.exponential(size=2_000)
    scores[:60] = 40.0
    assert UpperTail.of(scores).p_values(scores)[:60].max() < 1e-3, "rarer than one in 2,000 times their number"


def test_p_values_are_never_0_and_fall_as_scores_rise() -> None:
    scores = np.sort(np.abs(np.random.default_rng(2).normal(size=500)))
    found = UpperTail.of(scores).p_values(np.append(scores, 1e9))
    assert (np.diff(found) <= 0).all()
    assert 0 < found[-1] < found[0] <= 1


@pytest.mark.parametrize("scores", [np.zeros(50), np.zeros(0), np.array([1.0]), np.full(9, np.inf)])
def test_scores_that_are_all_equal_are_not_rare(scores: np.ndarray) -> None:
    assert (UpperTail.of(scores).p_values(scores) == 1).all()
