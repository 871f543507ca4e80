"""Targets of other rows are told from heavy tails."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.methods.targets.anywhere_mixture import anywhere_log_density, anywhere_mixture
from dechaff.methods.targets.judged_targets import judge_targets


def mixed_up(rate: float, *, scatter: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets of which a share belong to other rows, their predictions, and which ones are wrong."""
    rng = np.random.default_rng(seed)
    predictions = rng.normal(size=1500)
    targets = predictions + scatter * rng.normal(size=1500)
    wrong = rng.random(1500) < rate
    targets[wrong] = rng.permutation(targets)[wrong]
    return targets, predictions, wrong


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_the_share_of_targets_of_other_rows_is_found(rate):
    targets, predictions, wrong = mixed_up(rate, scatter=0.1)
    mixture = anywhere_mixture((targets - predictions) / 0.1, anywhere_log_density(targets) + np.log(0.1))
    assert mixture is not None
    assert mixture.rate == pytest.approx(wrong.mean(), abs=0.05)
    assert mixture.good.scale == pytest.approx(1, abs=0.1)


def test_targets_of_other_rows_are_flagged_where_the_model_explains_nine_tenths():
    targets, predictions, wrong = mixed_up(0.2, scatter=0.3)
    found = judge_targets(targets, predictions)
    assert 2 * (found.flag & wrong).sum() / (found.flag.sum() + wrong.sum()) > 0.55
    assert found.rate_low < wrong.mean() < found.rate_high


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tails", [3.0, 200.0])
def test_good_targets_with_any_tails_keep_hardly_an_error(tails, seed):
    rng = np.random.default_rng(seed)
    predictions = rng.normal(size=1500)
    found = judge_targets(predictions + 0.5 * rng.standard_t(tails, 1500), predictions)
    assert found.flag.mean() < 0.01


def test_a_model_that_explains_nothing_has_no_such_mixture_or_flags_little():
    rng = np.random.default_rng(0)
    found = judge_targets(rng.normal(size=1000), rng.normal(size=1000) / 100)
    assert found.flag.mean() < 0.01


@pytest.mark.parametrize("targets", [np.zeros(4), np.array([1e-300, 2e-300]), np.array([0.0, 0.0, 1e12])])
def test_densities_are_finite_for_equal_tiny_and_far_targets(targets):
    assert np.isfinite(anywhere_log_density(targets)).all()


def test_the_density_sums_to_one_over_an_even_grid():
    rng = np.random.default_rng(1)
    targets = np.concatenate([rng.normal(size=5000), np.linspace(-8, 8, 2001)])
    grid = slice(5000, None)
    density = np.exp(anywhere_log_density(targets))[grid]
    assert density.sum() * 16 / 2000 == pytest.approx(1, abs=0.02)
