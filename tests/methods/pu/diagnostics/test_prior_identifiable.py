import numpy as np
import pytest
from scipy.special import expit

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.best_bin import top_bin
from dechaff.methods.pu.diagnostics.prior_identifiable import (
    Identifiability,
    identifiability,
    prior_certain,
    prior_identifiable,
)
from tests.methods.pu.population import two_gaussians, with_pure_region


def test_a_pure_region_that_most_positives_lie_in_tells_c() -> None:
    found = identifiability(with_pure_region(pure=0.8, prior=0.4, c=0.4).binned)
    assert found.holds
    assert found.c == pytest.approx(0.4, abs=0.03)
    assert not prior_identifiable(found).wrong
    assert not prior_certain(found).wrong


def test_classes_that_overlap_much_do_not_tell_c() -> None:
    found = identifiability(two_gaussians(distance=1, prior=0.3, c=0.4).binned)
    assert not found.holds
    diagnosis = prior_identifiable(found)
    assert diagnosis.wrong
    assert f"c = {found.c:.2f} as a lower bound" in diagnosis.do


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Identifiability(2.0, 0.9, 1.1, 0.4), "does not level off"),
        (Identifiability(30.0, 0.6, 1.1, 0.4), "only 0.60 of c"),
        (Identifiability(30.0, 0.9, 1.6, 0.4), "within a factor of 1.60"),
    ],
)
def test_each_sign_that_fails_is_said(found: Identifiability, reason: str) -> None:
    diagnosis = prior_identifiable(found)
    assert diagnosis.wrong
    assert reason in diagnosis.message
    assert ";" not in diagnosis.message


def test_estimators_that_differ_somewhat_make_c_uncertain_though_it_can_be_told() -> None:
    found = Identifiability(30.0, 0.9, 1.21, 0.5)
    assert not prior_identifiable(found).wrong
    diagnosis = prior_certain(found)
    assert diagnosis.wrong
    assert "from 0.45 to 0.55" in diagnosis.message


def test_a_score_that_is_calibrated_up_to_its_top_tells_c_as_well() -> None:
    people = two_gaussians(distance=4, prior=0.4, c=0.4)
    found = identifiability(people.binned)
    assert found.holds
    assert found.c == pytest.approx(0.4, abs=0.04)


def test_one_estimator_may_be_off_by_luck() -> None:
    """Of two rows more at the very top, twelve in all, ten are labelled: the top bin says 0.83 and no other does."""
    f = np.append(1.0, expit(np.linspace(9, -9, 200)))
    counts = np.append(12.0, np.full(200, 50.0))
    labelled = np.append(10.0, 20 * f[1:])
    binned = BinnedScores(np.linspace(0.9, 0.0, 201), labelled, counts - labelled)
    assert top_bin(binned) > 0.8
    found = identifiability(binned)
    assert found.spread < 1.1
    assert found.holds
