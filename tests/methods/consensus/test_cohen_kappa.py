"""Agreement of two raters beyond chance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from dechaff.errors import InputError
from dechaff.methods.consensus.cohen_kappa import cohen_kappa


def test_it_is_the_kappa_of_scikit_learn_on_random_verdicts():
    random = np.random.default_rng(0)
    for classes in (2, 3, 6):
        one = random.integers(0, classes, 200)
        other = np.where(random.random(200) < 0.6, one, random.integers(0, classes, 200))
        assert cohen_kappa(one, other)[0] == pytest.approx(cohen_kappa_score(one, other))


def test_the_interval_is_about_that_of_a_bootstrap():
    one, other = np.repeat([0, 0, 1, 1], [160, 40, 20, 180]), np.repeat([0, 1, 0, 1], [160, 40, 20, 180])
    random = np.random.default_rng(1)
    draws = [random.integers(0, 400, 400) for _ in range(500)]
    spread = 1.96 * np.std([cohen_kappa_score(one[rows], other[rows]) for rows in draws])
    kappa, low, high = cohen_kappa(one, other)
    assert (kappa - low, high - kappa) == pytest.approx((spread, spread), rel=0.1)


def test_ends():
    assert np.isnan(cohen_kappa(np.array([]), np.array([]))[0])
    assert np.isnan(cohen_kappa(np.array(["a", "a"]), np.array(["a", "a"]))).all()
    assert cohen_kappa(np.array([0, 1]), np.array([1, 0]))[0] == -1.0
    # One item on which two disagree: no agreement by chance either, and Wilson's 0 to .793 of one item.
    assert cohen_kappa(np.array(["a"]), np.array(["b"])) == pytest.approx((0, 0, 0.793), abs=1e-3)
    # Agreement on 2 and 2 items: .5 by chance, and Wilson's .510 to 1 of four items.
    twice = np.array([0, 0, 1, 1])
    assert cohen_kappa(twice, twice) == pytest.approx((1, 0.0203, 1), abs=1e-3)
    with pytest.raises(InputError, match="same number of rows"):
        cohen_kappa(np.array([0]), np.array([0, 1]))
