from collections.abc import Callable

import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from tests.methods.pu.population import two_gaussians, with_pure_region

Estimate = Callable[[BinnedScores], float]


@pytest.fixture(params=[best_bin, top_bin])
def estimate(request: pytest.FixtureRequest) -> Estimate:
    found: Estimate = request.param
    return found


@pytest.mark.parametrize("c", [0.1, 0.3, 0.7])
def test_it_finds_c_where_classes_do_not_overlap(estimate: Estimate, c: float) -> None:
    people = two_gaussians(distance=8.0, prior=0.3, c=c, n=6000)
    assert estimate(people.binned) == pytest.approx(c, abs=0.04)


@pytest.mark.parametrize("c", [0.2, 0.5])
def test_it_finds_c_where_classes_overlap_but_for_a_pure_region(estimate: Estimate, c: float) -> None:
    people = with_pure_region(pure=0.4, prior=0.4, c=c, n=6000)
    assert estimate(people.binned) == pytest.approx(c, abs=0.05)


def test_only_the_order_and_the_counts_decide_in_a_pure_region(estimate: Estimate) -> None:
    people = with_pure_region(pure=0.4, prior=0.4, c=0.5)
    other = bin_scores(people.label_probs**2, people.labelled)
    assert estimate(other) == pytest.approx(estimate(people.binned), abs=0.02)


def test_rare_positives_are_seen(estimate: Estimate) -> None:
    people = two_gaussians(distance=8.0, prior=0.01, c=0.5, n=40_000)
    assert estimate(people.binned) == pytest.approx(0.5, abs=0.1)


def test_scores_that_all_tie_make_every_row_positive(estimate: Estimate) -> None:
    assert estimate(bin_scores(np.full(50, 0.3), np.arange(50) < 20)) == pytest.approx(0.4)


def test_one_labelled_row_gives_a_chance(estimate: Estimate) -> None:
    scores = np.linspace(0.9, 0.1, 30)
    assert 0 < estimate(bin_scores(scores, np.arange(30) == 3)) <= 1


def test_every_positive_labelled_gives_1(estimate: Estimate) -> None:
    scores = np.array([0.99, 0.01])
    assert estimate(BinnedScores(scores, np.array([300.0, 0.0]), np.array([0.0, 700.0]))) == pytest.approx(1, abs=0.01)


def test_a_row_of_weight_2_counts_twice(estimate: Estimate) -> None:
    people = two_gaussians(distance=3.0, prior=0.3, c=0.5, n=500)
    weights = np.random.default_rng(0).integers(1, 3, 500).astype(float)
    twice = np.repeat(np.arange(500), weights.astype(int))
    weighted = bin_scores(people.label_probs, people.labelled, weights=weights)
    assert estimate(weighted) == pytest.approx(estimate(bin_scores(people.label_probs[twice], people.labelled[twice])))


def test_resamples_with_empty_bins_give_a_chance(estimate: Estimate) -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.5, n=300)
    random = np.random.default_rng(0)
    assert all(0 < estimate(people.binned.resampled(random)) <= 1 for _ in range(20))


def test_it_is_the_plain_loop_over_thresholds() -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=1000)
    g, s = people.label_probs, people.labelled
    margin = 1.01 * np.sqrt(np.log(4 / 0.1) / 2) * (1 / np.sqrt(s.sum()) + 1 / np.sqrt((~s).sum()))
    bounds = {}
    for threshold in g[s]:
        of_labelled, of_unlabelled = (g[s] >= threshold).mean(), (g[~s] >= threshold).mean()
        bounds[(of_unlabelled + margin) / of_labelled] = of_unlabelled / of_labelled
    alpha = bounds[min(bounds)]
    assert best_bin(people.binned) == pytest.approx(s.sum() / (s.sum() + alpha * (~s).sum()))


def test_a_bin_with_few_labelled_rows_is_not_the_top() -> None:
    # Nine of nine rows at the top are labelled, then 40 of 100; nine do not suffice, so 49 of 109.
    binned = BinnedScores(np.array([0.9, 0.5, 0.1]), np.array([9.0, 40.0, 0.0]), np.array([0.0, 60.0, 900.0]))
    assert top_bin(binned) == pytest.approx(49 / 109)


def test_the_bound_of_fewer_rows_is_lower_so_that_more_rows_win() -> None:
    # 10 of 20 against 110 of 225: the share falls from 0.5 to 0.489, its 5 % bound rises from 0.30 to 0.43.
    binned = BinnedScores(np.array([0.9, 0.5, 0.1]), np.array([10.0, 100.0, 0.0]), np.array([10.0, 105.0, 900.0]))
    assert top_bin(binned) == pytest.approx(110 / 225)
