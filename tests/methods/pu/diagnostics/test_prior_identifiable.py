import pytest

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
        (Identifiability(30.0, 0.9, 1.6, 0.4), "factor of 1.60"),
    ],
)
def test_each_sign_that_fails_is_said(found: Identifiability, reason: str) -> None:
    diagnosis = prior_identifiable(found)
    assert diagnosis.wrong
    assert reason in diagnosis.says
    assert ";" not in diagnosis.says


def test_estimators_that_differ_somewhat_make_c_uncertain_though_it_can_be_told() -> None:
    found = Identifiability(30.0, 0.9, 1.44, 0.5)
    assert not prior_identifiable(found).wrong
    diagnosis = prior_certain(found)
    assert diagnosis.wrong
    assert "from 0.42 to 0.60" in diagnosis.says


def test_a_score_that_is_calibrated_up_to_its_top_tells_c_as_well() -> None:
    people = two_gaussians(distance=4, prior=0.4, c=0.4)
    found = identifiability(people.binned)
    assert found.holds
    assert found.c == pytest.approx(0.4, abs=0.04)
