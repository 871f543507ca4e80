import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.diagnostics.label_curve import FREE_FLOOR, bin_ranks, fit_label_curve, normal_ranks


def population(*, c: float, floor: float) -> BinnedScores:
    """As many rows in each of 60 bins; the labelled share follows the curve, the scores only its order."""
    ranks = norm.ppf((np.arange(60)[::-1] + 0.5) / 60)
    share = floor + (c - floor) * expit(3 * ranks + 2)
    return BinnedScores(np.linspace(0.9, 0.2, 60) ** 3, 1000 * share, 1000 * (1 - share))


def test_it_finds_plateau_floor_and_rise_of_a_population() -> None:
    found = fit_label_curve(population(c=0.4, floor=0.05), c=(0.2, 1.0), floor=FREE_FLOOR)
    assert found.c == pytest.approx(0.4, abs=1e-3)
    assert found.floor == pytest.approx(0.05, abs=1e-3)
    assert found.slope == pytest.approx(3, rel=1e-2)
    assert found.intercept == pytest.approx(2, rel=1e-2)


def test_without_a_floor_the_share_falls_to_nothing() -> None:
    assert fit_label_curve(population(c=0.4, floor=0.0), c=(0.2, 1.0)).floor < 1e-12


def test_the_plateau_stays_inside_its_bounds() -> None:
    assert fit_label_curve(population(c=0.4, floor=0.0), c=(0.97, 0.97)).c == pytest.approx(0.97)


def test_the_likelihood_is_that_of_the_labels() -> None:
    binned = population(c=0.4, floor=0.05)
    found = fit_label_curve(binned, c=(0.2, 1.0), floor=FREE_FLOOR)
    share = found.label_probs(bin_ranks(binned))
    by_hand = (binned.labelled * np.log(share) + binned.unlabelled * np.log(1 - share)).sum()
    assert found.log_likelihood == pytest.approx(by_hand, rel=1e-6)


def test_no_other_curve_nearby_is_likelier() -> None:
    binned = population(c=0.4, floor=0.05)
    found = fit_label_curve(binned, c=(0.2, 1.0), floor=FREE_FLOOR)
    for change in np.random.default_rng(0).normal(scale=0.05, size=(100, 4)):
        c, floor = found.c * np.exp(change[0]), found.floor * np.exp(change[1])
        f = expit(found.slope * np.exp(change[2]) * bin_ranks(binned) + found.intercept + change[3])
        share = floor + (c - floor) * f
        other = (binned.labelled * np.log(share) + binned.unlabelled * np.log(1 - share)).sum()
        assert other < found.log_likelihood


def test_scores_that_all_tie_and_a_single_labelled_row_are_taken() -> None:
    for labelled in (np.arange(50) < 20, np.arange(50) < 1):
        found = fit_label_curve(bin_scores(np.full(50, 0.3), labelled), c=(labelled.mean(), 1.0), floor=FREE_FLOOR)
        assert np.isfinite([found.c, found.floor, found.log_likelihood]).all()


def test_only_the_order_of_the_scores_counts() -> None:
    binned = population(c=0.4, floor=0.05)
    other = BinnedScores(binned.scores / 7, binned.labelled, binned.unlabelled)
    found = [fit_label_curve(one, c=(0.2, 1.0), floor=FREE_FLOOR) for one in (binned, other)]
    assert found[0] == found[1]


def test_a_score_that_is_exact_still_shows_the_plateau() -> None:
    """Along the log-odds of g = c f itself, c = 0.97 would fit as well."""
    f = expit(np.linspace(9, -9, 200))
    binned = BinnedScores(0.4 * f, 40 * f, 100 - 40 * f)
    assert fit_label_curve(binned, c=(0.2, 1.0)).c == pytest.approx(0.4, abs=0.02)


def test_ranks_of_rows_are_those_of_their_bins() -> None:
    scores = np.array([0.3, 0.1, 0.3, 0.9, 0.1, 0.2])
    binned = bin_scores(scores, np.array([True, False, False, True, False, False]))
    of_bins = dict(zip(binned.scores, bin_ranks(binned), strict=True))
    assert [of_bins[score] for score in scores] == pytest.approx(normal_ranks(scores).tolist())


def test_weights_count_rows_when_they_are_ranked() -> None:
    twice = normal_ranks(np.array([0.1, 0.5, 0.5, 0.9]))
    assert normal_ranks(np.array([0.1, 0.5, 0.9]), np.array([1.0, 2.0, 1.0])) == pytest.approx(twice[[0, 1, 3]])


def test_bins_that_a_resample_left_empty_are_taken() -> None:
    binned = BinnedScores(np.array([0.9, 0.5, 0.2]), np.array([0.0, 5.0, 0.0]), np.array([0.0, 5.0, 9.0]))
    assert np.isfinite(fit_label_curve(binned, c=(0.2, 1.0)).c)
