"""Wrong targets are told from heavy tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dechaff.methods.targets.error_mixture import error_mixture
from dechaff.methods.targets.residual_mixture import TwoSided, log_odds, rate_interval, tail_log_density


@pytest.mark.parametrize("freedom", [3.0, 6.0, 30.0])
def test_the_density_is_students(freedom):
    units = np.linspace(-8, 8, 33)
    assert tail_log_density(units, freedom) == pytest.approx(stats.t.logpdf(units, freedom))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tails", [2.5, 4.0, 200.0])
def test_good_residuals_have_hardly_an_error_however_heavy_their_tails(tails, seed):
    units = np.random.default_rng(seed).standard_t(tails, 3000)
    mixture = error_mixture(units)
    assert ((log_odds(mixture, units) > 0) & (mixture.rate > 0)).mean() < 0.02


@pytest.mark.parametrize("seed", range(3))
def test_residuals_of_one_long_side_have_none(seed):
    assert error_mixture(np.random.default_rng(seed).gamma(4.0, size=2000) - 4).rate < 0.01


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.45])
def test_a_rate_of_wrong_ones_lies_in_its_interval(rate):
    rng = np.random.default_rng(5)
    units = rng.normal(size=4000)
    wrong = rng.random(4000) < rate
    units[wrong] = 12 * rng.standard_t(4, wrong.sum())
    mixture = error_mixture(units)
    low, high = rate_interval(mixture, units)
    assert low < wrong.mean() < high
    assert high - low < 0.06


def test_wrong_ones_on_one_side_have_a_centre_of_their_own():
    rng = np.random.default_rng(0)
    units = rng.normal(size=3000)
    units[:900] += 8
    mixture = error_mixture(units)
    assert mixture.rate == pytest.approx(0.3, abs=0.02)
    assert mixture.wrong.centre == pytest.approx(8, abs=1)


@pytest.mark.parametrize("units", [np.zeros(0), np.zeros(1), np.ones(3), np.zeros(100)])
def test_residuals_that_say_nothing_have_no_error(units):
    mixture = error_mixture(units)
    assert mixture.rate == 0
    assert np.isfinite(log_odds(mixture, units)).all()


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.35])
def test_errors_of_either_sign_have_a_gap_between_them(rate):
    rng = np.random.default_rng(0)
    units = rng.normal(size=2000)
    wrong = rng.random(2000) < rate
    units[wrong] += rng.choice([-1, 1], wrong.sum()) * rng.uniform(2, 8, wrong.sum())
    mixture = error_mixture(units)
    assert isinstance(mixture.wrong, TwoSided)
    assert mixture.rate == pytest.approx(wrong.mean(), abs=0.05)
    flag = log_odds(mixture, units) > 0
    assert 2 * (flag & wrong).sum() / (flag.sum() + wrong.sum()) > 0.84


def test_the_density_with_a_gap_is_one():
    units = np.linspace(-60, 60, 120_001)
    assert np.trapezoid(np.exp(TwoSided(2.0).log_density(units)), units) == pytest.approx(1)


def test_the_scale_with_a_gap_is_found_by_em():
    rng = np.random.default_rng(0)
    units = np.linalg.norm(rng.standard_t(30, size=(4000, 3)) * 2, axis=1) * rng.choice([-1, 1], 4000)
    found = TwoSided()
    for _ in range(20):
        found = found.fitted(units, np.ones(4000))
    assert found.scale == pytest.approx(2, rel=0.03)
