import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import bin_scores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.dedpul import dedpul
from dechaff.methods.pu.class_prior.estimates import estimates
from dechaff.methods.pu.class_prior.plateau import plateau
from tests.methods.pu.population import two_gaussians, with_pure_region


def test_it_is_the_median_of_the_four() -> None:
    binned = two_gaussians(distance=2.0, prior=0.3, c=0.4).binned
    four = sorted(one(binned) for one in (best_bin, top_bin, dedpul, plateau))
    assert consensus(binned) == pytest.approx((four[1] + four[2]) / 2)


@pytest.mark.parametrize("c", [0.1, 0.3, 0.5, 0.7])
def test_it_finds_c_where_some_rows_are_surely_positive(c: float) -> None:
    found = [consensus(two_gaussians(distance=3.0, prior=0.4, c=c, seed=seed).binned) for seed in range(5)]
    assert np.mean(found) == pytest.approx(c, abs=0.04)


def test_its_interval_covers_c_and_narrows_with_more_rows() -> None:
    widths = []
    for n in (1000, 9000):
        last = estimates(with_pure_region(pure=0.5, prior=0.4, c=0.4, n=n).binned, n_bootstraps=40)[-1]
        assert last.name == "consensus"
        assert last.c_low < 0.4 < last.c_high
        assert last.c_low <= last.c <= last.c_high
        widths.append(last.c_high - last.c_low)
    assert widths[1] < 0.6 * widths[0]


def test_the_interval_of_e1_is_tight_around_the_wrong_value() -> None:
    found = {
        one.name: one
        for one in estimates(two_gaussians(distance=2.0, prior=0.3, c=0.4, n=1500).binned, n_bootstraps=30)
    }
    assert found["e1"].c_high < 0.3


def test_the_seed_decides() -> None:
    binned = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=300).binned
    assert estimates(binned, n_bootstraps=5, seed=1) == estimates(binned, n_bootstraps=5, seed=1)
    assert estimates(binned, n_bootstraps=5, seed=1) != estimates(binned, n_bootstraps=5, seed=2)


def test_one_labelled_row_gives_estimates_and_intervals() -> None:
    binned = bin_scores(np.linspace(0.9, 0.1, 30), np.arange(30) == 3)
    for one in estimates(binned, n_bootstraps=20):
        assert 0 < one.c_low <= one.c_high <= 1
