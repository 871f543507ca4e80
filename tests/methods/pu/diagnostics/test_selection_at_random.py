import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import mannwhitneyu, rankdata

from dechaff.errors import InputError
from dechaff.methods.pu.diagnostics.selection_at_random import selection_at_random


def drawn(strength: float, *, n: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two clouds, ten spreads apart; the chance of a positive to be labelled rises with its feature 3."""
    random = np.random.default_rng(seed)
    positive = np.arange(n) < n // 2
    features = random.normal(size=(n, 6))
    features[:, 0] += 10 * positive
    labelled = positive & (random.random(n) < expit(strength * features[:, 3]))
    g = np.clip(0.5 * expit(features[:, 0] - 5) + 0.001 * random.normal(size=n), 0, 1)
    return g, labelled, features


def test_labels_that_follow_a_feature_are_caught_and_the_feature_is_named() -> None:
    found = selection_at_random(*drawn(1.0), names=["a", "b", "c", "price", "e", "f"])
    assert found.wrong
    assert found.figure > 0.3
    assert 'a higher "price"' in found.message
    assert selection_at_random(*drawn(-1.0)).message.count("a lower feature 3") == 1


def test_labels_at_random_are_let_pass() -> None:
    wrong = [selection_at_random(*drawn(0.0, seed=seed)).wrong for seed in range(20)]
    assert not any(wrong)


def test_a_real_but_small_difference_is_let_pass() -> None:
    found = selection_at_random(*drawn(0.2, n=20000))
    assert not found.wrong
    assert 0.1 < found.figure < 0.3


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_those_of_mann_and_whitney_with_ties(seed: int) -> None:
    _, labelled, features = drawn(0.4, n=300, seed=seed)
    values = np.round(features[:, 3:4])
    found = selection_at_random(np.ones(300), labelled, values)
    test = mannwhitneyu(values[labelled, 0], values[~labelled, 0], method="asymptotic", use_continuity=False)
    pairs = test.statistic / (labelled.sum() * (~labelled).sum())
    assert f"in {round(100 * max(pairs, 1 - pairs))} of 100 pairs" in found.message
    ranks = rankdata(values)
    assert found.figure == pytest.approx((ranks[labelled].mean() - ranks[~labelled].mean()) / ranks.std())
    assert found.wrong == (test.pvalue < 0.01 and abs(found.figure) > 0.3)


def test_missing_values_count_as_the_lowest() -> None:
    g, labelled, features = drawn(1.0)
    absent = features[:, 3] < 0
    found = selection_at_random(g, labelled, np.where(absent, np.nan, 1.0)[:, None])
    assert found.wrong
    assert found.figure > 0.5


def test_too_few_rows_with_high_scores_are_not_checked() -> None:
    g, labelled, features = drawn(1.0, n=30)
    found = selection_at_random(g, labelled, features)
    assert not found.checked
    assert "fewer than 10" in found.message


def test_features_that_do_not_vary_are_not_checked() -> None:
    g, labelled, features = drawn(1.0)
    assert not selection_at_random(g, labelled, np.zeros_like(features)).checked
    assert not selection_at_random(g, labelled, features[:, :0]).checked


def test_lengths_must_agree() -> None:
    with pytest.raises(InputError, match="features"):
        selection_at_random(np.array([0.1, 0.2]), np.array([True, False]), np.zeros((3, 1)))
