"""p-values by counting ordinary rows."""

from __future__ import annotations

import numpy as np

from dechaff.core.false_discoveries import discovery_cut_of
from dechaff.methods.outliers.conformal import conformal_p_values


def test_a_score_equal_to_ordinary_ones_counts_them_and_itself() -> None:
    assert conformal_p_values(np.array([2.0, 0.0]), np.array([1.0, 2.0, 2.0])).tolist() == [0.75, 1.0]


def test_p_values_of_ordinary_rows_are_at_most_t_with_a_chance_of_t() -> None:
    rng = np.random.default_rng(0)
    found = np.concatenate([conformal_p_values(rng.normal(size=50), rng.normal(size=99)) for _ in range(200)])
    for level in (0.05, 0.1, 0.5):
        assert (found <= level).mean() <= level + 0.01


def test_the_rate_of_false_discoveries_is_kept_with_more_power_than_bonferroni() -> None:
    rng = np.random.default_rng(1)
    for rate in (0.05, 0.1, 0.2):
        false, power, strict = [], [], []
        for _ in range(60):
            outlier = np.arange(500) < 50
            scores = rng.normal(size=500) + 3.5 * outlier
            p_values = conformal_p_values(scores, rng.normal(size=4_000))
            flag = p_values <= discovery_cut_of(p_values, rate=rate)
            false.append((flag & ~outlier).sum() / max(flag.sum(), 1))
            power.append(flag[outlier].mean())
            strict.append((p_values[outlier] <= rate / 500).mean())
        assert abs(np.mean(false) - 0.9 * rate) < 0.02, "nine rows in ten are ordinary"
        assert np.mean(power) > np.mean(strict) + 0.1


def test_without_ordinary_rows_nothing_is_rare() -> None:
    assert conformal_p_values(np.array([5.0]), np.zeros(0)).tolist() == [1.0]
