import pytest

from dechaff.methods.pu.diagnostics.classes_overlap import classes_overlap
from tests.methods.pu.population import population_bins, with_pure_region


def test_the_factor_is_the_mean_f_of_the_positives() -> None:
    """Of positives, 0.6 have f = 1 and 0.4 have f = 0.4: e1 is 0.76 c."""
    people = with_pure_region(pure=0.6, prior=0.4, c=0.4, n=20000)
    found = classes_overlap(people.binned)
    assert found.wrong
    assert found.figure == pytest.approx(0.6 + 0.4 * 0.4, abs=0.04)
    assert f"{found.figure:.2f}" in found.says


def test_it_is_silent_where_classes_lie_apart() -> None:
    found = classes_overlap(population_bins(distance=6, prior=0.4, c=0.4))
    assert not found.wrong
    assert found.figure == pytest.approx(1, abs=0.03)
