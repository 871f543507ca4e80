from dechaff.methods.pu.diagnostics.nearly_all_labelled import nearly_all_labelled
from tests.methods.pu.population import with_pure_region


def test_it_speaks_where_every_positive_is_labelled() -> None:
    found = nearly_all_labelled(with_pure_region(pure=1.0, prior=0.4, c=1.0).binned)
    assert found.wrong
    assert "ordinary classifier" in found.do


def test_it_is_silent_where_half_of_the_positives_are_labelled() -> None:
    found = nearly_all_labelled(with_pure_region(pure=0.8, prior=0.4, c=0.5).binned)
    assert not found.wrong
    assert abs(found.figure - 0.5) < 0.05
