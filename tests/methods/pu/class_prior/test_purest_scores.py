import pytest

from dechaff.methods.pu.class_prior.consensus import consensus
from dechaff.methods.pu.class_prior.purest_scores import purest_scores
from tests.methods.pu.population import population_bins, two_gaussians


def test_of_two_models_the_one_that_parts_the_classes_tells_c() -> None:
    sharp, blurred = (population_bins(distance=distance, prior=0.4, c=0.4, n=4000) for distance in (4.0, 0.7))
    assert purest_scores([blurred, sharp]) is sharp
    assert consensus(sharp) == pytest.approx(0.4, abs=0.02)
    assert consensus(blurred) < 0.35


def test_scores_that_are_alone_are_the_purest_and_of_equal_ones_the_first() -> None:
    binned = two_gaussians(distance=2.0, prior=0.3, c=0.4).binned
    again = two_gaussians(distance=2.0, prior=0.3, c=0.4).binned
    assert purest_scores([binned]) is binned
    assert purest_scores([binned, again]) is binned
