import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.elkan_noto import e1, e2, e3
from tests.methods.pu.population import population_bins, two_gaussians


def mean_certainty(distance: float, prior: float) -> float:
    """E[f(x) | y = 1] by an integral over the positives."""

    def f_times_density(x: float) -> float:
        positive, negative = prior * norm.pdf(x, distance), (1 - prior) * norm.pdf(x)
        return float(positive / (positive + negative) * norm.pdf(x, distance))

    return quad(f_times_density, -8, distance + 8)[0]


@pytest.mark.parametrize(
    ("distance", "prior", "c"), [(1.0, 0.3, 0.5), (2.0, 0.3, 0.4), (2.0, 0.5, 0.2), (4.0, 0.1, 0.7)]
)
def test_over_a_population_it_is_c_times_the_mean_certainty_of_positives(
    distance: float, prior: float, c: float
) -> None:
    found = e1(population_bins(distance=distance, prior=prior, c=c))
    assert found == pytest.approx(c * mean_certainty(distance, prior), abs=0.0005)


def test_its_bias_for_two_overlapping_classes_is_that_of_the_theory_to_two_digits() -> None:
    # Distance 2, prior 0.3: E[f | y = 1] = 0.669, so c = 0.40 is read as 0.27.
    assert round(mean_certainty(2.0, 0.3), 3) == 0.669
    sample = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=50_000)
    assert round(e1(sample.binned), 2) == 0.27


def test_it_is_c_where_classes_do_not_overlap() -> None:
    assert e1(population_bins(distance=12.0, prior=0.3, c=0.4)) == pytest.approx(0.4, abs=1e-4)


def test_scores_that_all_tie_give_the_tie() -> None:
    assert e1(bin_scores(np.full(10, 0.3), np.arange(10) < 3)) == pytest.approx(0.3)


def test_one_labelled_row_gives_its_score() -> None:
    assert e1(bin_scores(np.array([0.7, 0.1, 0.2]), np.array([True, False, False]))) == pytest.approx(0.7)


def test_labelled_rows_without_any_chance_give_a_c_above_zero() -> None:
    assert 0 < e1(BinnedScores(np.array([0.5, 0.0]), np.array([0.0, 2.0]), np.array([3.0, 3.0]))) < 1e-6


def test_it_is_the_labelled_rows_share_of_all_score() -> None:
    # (0.8 + 0.4) / (0.8 + 0.4 + 0.4) = 0.75
    scores = np.array([0.8, 0.4, 0.4, 0.0])
    assert e2(bin_scores(scores, np.array([True, True, False, False]))) == pytest.approx(0.75)


def test_over_a_population_it_equals_e1() -> None:
    binned = population_bins(distance=2.0, prior=0.3, c=0.4)
    assert e2(binned) == pytest.approx(e1(binned), rel=1e-6)


def test_labelled_rows_without_any_chance_give_a_c_above_zero_of_e2() -> None:
    assert 0 < e2(BinnedScores(np.array([0.5, 0.0]), np.array([0.0, 2.0]), np.array([3.0, 3.0]))) < 1e-6


def test_over_a_population_with_exact_g_it_is_c() -> None:
    assert e3(population_bins(distance=4.0, prior=0.3, c=0.4)) == pytest.approx(0.4, abs=1e-6)


def test_a_bin_that_a_resample_left_empty_does_not_count() -> None:
    assert e3(BinnedScores(np.array([0.9, 0.6]), np.array([0.0, 2.0]), np.array([0.0, 3.0]))) == 0.6


def test_scores_of_0_give_a_c_above_zero() -> None:
    assert 0 < e3(BinnedScores(np.array([0.0]), np.array([1.0]), np.array([1.0]))) < 1e-6
