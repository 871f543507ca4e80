import numpy as np
import pytest

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.e3 import e3
from tests.methods.pu.population import population_bins


def test_over_a_population_with_exact_g_it_is_c() -> None:
    assert e3(population_bins(distance=4.0, prior=0.3, c=0.4)) == pytest.approx(0.4, abs=1e-6)


def test_a_bin_that_a_resample_left_empty_does_not_count() -> None:
    assert e3(BinnedScores(np.array([0.9, 0.6]), np.array([0.0, 2.0]), np.array([0.0, 3.0]))) == 0.6


def test_scores_of_0_give_a_c_above_zero() -> None:
    assert 0 < e3(BinnedScores(np.array([0.0]), np.array([1.0]), np.array([1.0]))) < 1e-6
