import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores, bin_scores
from dechaff.methods.pu.class_prior.e1 import e1
from dechaff.methods.pu.class_prior.e2 import e2
from tests.methods.pu.population import population_bins


def test_it_is_the_labelled_rows_share_of_all_score() -> None:
    # (0.8 + 0.4) / (0.8 + 0.4 + 0.4) = 0.75
    scores = np.array([0.8, 0.4, 0.4, 0.0])
    assert e2(bin_scores(scores, np.array([True, True, False, False]))) == pytest.approx(0.75)


def test_over_a_population_it_equals_e1() -> None:
    binned = population_bins(distance=2.0, prior=0.3, c=0.4)
    assert e2(binned) == pytest.approx(e1(binned), rel=1e-6)


def test_labelled_rows_without_any_chance_give_a_c_above_zero() -> None:
    assert 0 < e2(BinnedScores(np.array([0.5, 0.0]), np.array([0.0, 2.0]), np.array([3.0, 3.0]))) < 1e-6
