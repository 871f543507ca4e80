import numpy as np
import pytest
from scipy.special import expit

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.plateau import fit_plateau, plateau


def seen_by_a_linear_model(*, c: float, n: int = 4000, steepness: float = 4.0, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Scores g of a model that knows no plateau, the labels, and f: rows lie evenly along the log-odds of g."""
    random = np.random.default_rng(seed)
    odds = random.uniform(-4, 2, n)
    f = expit(steepness * odds + 1)
    return expit(odds), random.random(n) < c * f, f


@pytest.mark.parametrize("c", [0.1, 0.4, 0.7])
def test_it_finds_the_height_of_the_plateau(c: float) -> None:
    g, labelled, _ = seen_by_a_linear_model(c=c)
    assert plateau(bin_scores(g, labelled)) == pytest.approx(c, abs=0.04)


def test_it_calibrates_the_score() -> None:
    g, labelled, f = seen_by_a_linear_model(c=0.4)
    found = fit_plateau(bin_scores(g, labelled)).positive_probs(g)
    assert np.abs(found - f).max() < 0.06


def test_a_calibrated_score_rises_with_the_score_and_is_a_probability() -> None:
    g, labelled, _ = seen_by_a_linear_model(c=0.4)
    found = fit_plateau(bin_scores(g, labelled)).positive_probs(np.linspace(0, 1, 50))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_few_labelled_rows_are_not_read_as_all_of_the_positives() -> None:
    heights = []
    for seed in range(20):
        g, labelled, _ = seen_by_a_linear_model(c=0.2, n=300, seed=seed)
        heights.append(plateau(bin_scores(g, labelled)))
    assert np.median(heights) == pytest.approx(0.2, abs=0.05)
    assert max(heights) < 0.5


def test_it_is_the_maximum_that_a_plain_search_finds() -> None:
    g, labelled, _ = seen_by_a_linear_model(c=0.4, n=500)
    found = fit_plateau(bin_scores(g, labelled))
    odds = np.log(g / (1 - g))
    spread = odds.std()

    def cost(c: float, slope: float, intercept: float) -> float:
        share = c * expit(slope * odds + intercept)
        a, b = slope * spread, intercept + slope * odds.mean()
        away = [np.log(c / (g[labelled].sum() / g.sum())) / 0.3, np.log(a / 2), b / 3]
        fit = np.log(np.where(labelled, share, 1 - share)).sum()
        return float(np.square(away).sum() / 2 - fit)

    best = cost(found.c, found.slope, found.intercept)
    random = np.random.default_rng(0)
    for change in random.normal(scale=0.02, size=(200, 3)):
        assert cost(found.c * np.exp(change[0]), found.slope * np.exp(change[1]), found.intercept + change[2]) > best


def test_scores_that_all_tie_make_every_row_positive() -> None:
    found = fit_plateau(bin_scores(np.full(50, 0.3), np.arange(50) < 20))
    assert found.c == pytest.approx(0.4)
    assert found.positive_probs(np.array([0.3])).tolist() == [1.0]


def test_one_labelled_row_gives_a_chance() -> None:
    assert 0 < plateau(bin_scores(np.linspace(0.9, 0.1, 30), np.arange(30) == 3)) <= 1


def test_every_positive_labelled_gives_nearly_1() -> None:
    binned = BinnedScores(np.array([0.99, 0.01]), np.array([300.0, 0.0]), np.array([0.0, 700.0]))
    assert plateau(binned) > 0.95


def test_scores_of_0_and_1_are_taken() -> None:
    binned = BinnedScores(np.array([1.0, 0.5, 0.0]), np.array([30.0, 20.0, 1.0]), np.array([30.0, 60.0, 700.0]))
    assert 0.3 < plateau(binned) < 0.7


def test_a_score_that_ranks_labelled_rows_last_gives_a_chance() -> None:
    assert 0 < plateau(bin_scores(np.linspace(0.9, 0.1, 100), np.arange(100) > 80)) <= 1
