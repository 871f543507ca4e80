"""Targets judged: found where they are wrong, left alone where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dechaff.methods.targets.judged_targets import judge_targets


def scattered(n=3000, *, rate=0.0, seed=0):
    """Targets whose scatter grows with their size; a fraction of them replaced by those of other rows."""
    rng = np.random.default_rng(seed)
    predictions = rng.uniform(0, 100, n)
    targets = predictions + (1 + 0.05 * predictions) * rng.normal(size=n)
    wrong = rng.random(n) < rate
    targets[wrong] = rng.permutation(targets)[: wrong.sum()]
    return targets, predictions, wrong


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_good_targets_are_not_flagged(seed):
    targets, predictions, _ = scattered(seed=seed)
    assert judge_targets(targets, predictions).flag.mean() < 0.002


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.35])
def test_wrong_ones_are_found_at_any_rate(rate):
    targets, predictions, wrong = scattered(rate=rate)
    found = judge_targets(targets, predictions)
    assert 2 * (found.flag & wrong).sum() / (found.flag.sum() + wrong.sum()) > 0.85
    assert found.rate == pytest.approx(rate, abs=0.05)


def test_a_scale_of_its_own_for_each_region_ranks_better_than_the_plain_residual():
    targets, predictions, wrong = scattered(rate=0.1)
    plain = average_precision_score(wrong, np.abs(targets - predictions))
    assert average_precision_score(wrong, judge_targets(targets, predictions).log_odds) > plain + 0.01


def test_units_do_not_matter():
    targets, predictions, _ = scattered(rate=0.1)
    here, there = judge_targets(targets, predictions), judge_targets(1000 * targets + 5, 1000 * predictions + 5)
    assert np.array_equal(here.flag, there.flag)
    assert there.log_odds == pytest.approx(here.log_odds, abs=0.01)


def test_no_rows_have_no_errors():
    found = judge_targets(np.zeros(0), np.zeros(0))
    assert (len(found.score), found.rate, found.rate_low, found.rate_high) == (0, 0, 0, 1)


def test_a_data_set_is_never_half_wrong():
    rng = np.random.default_rng(0)
    hours = np.where(rng.random(1000) < 0.5, 40.0, np.rint(rng.normal(40, 14, 1000)))
    found = judge_targets(hours, 40 + 0.3 * (hours - 40) + rng.normal(scale=3, size=1000))
    assert found.rate <= 0.45


def test_whole_numbers_that_scatter_by_less_than_a_step_show_their_errors():
    rng = np.random.default_rng(0)
    predictions = rng.uniform(3, 8, 1000)
    grades = np.rint(predictions + rng.normal(scale=0.3, size=1000))
    assert judge_targets(grades, predictions).flag.mean() < 0.01
    grades[:100] += rng.choice([-1, 1], 100) * rng.integers(3, 6, 100)
    found = judge_targets(grades, predictions)
    assert found.flag[:100].mean() > 0.9
    assert found.flag[100:].mean() < 0.01


def test_among_targets_shifted_either_way_one_that_is_far_too_large_is_wrong_too():
    rng = np.random.default_rng(0)
    predictions = rng.uniform(0, 100, 1000)
    targets = predictions + rng.standard_t(6, size=1000)
    targets[:200] += rng.choice([-1, 1], 200) * rng.uniform(4, 12, 200)
    targets[:3] = 1e4, 1e6, 1e8
    found = judge_targets(targets, predictions)
    assert found.flag[:3].all()
    assert found.log_odds.argmax() == 2


def test_values_of_other_rows_are_flagged_if_that_raises_the_expected_f1() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0, 10, 1000)
    given, predictions = truth.copy(), truth + rng.normal(size=1000)
    given[:200] = rng.permutation(truth)[:200]
    found = judge_targets(given, predictions)
    assert found.flag.sum() > (found.score > 0.5).sum()
    assert found.score[found.flag].min() >= 0.4
