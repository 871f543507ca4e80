import numpy as np
import pytest

from dechaff.methods.pu.diagnostics.positive_errors import PositiveErrors
from dechaff.methods.pu.diagnostics.wrong_positives import wrong_positives


@pytest.mark.parametrize(
    ("rate", "low", "wrong"), [(0.08, 0.04, True), (0.08, 0.0, False), (0.01, 0.008, False), (0.0, 0.0, False)]
)
def test_it_speaks_where_the_rate_matters_and_is_no_chance(rate: float, low: float, wrong: bool) -> None:
    found = wrong_positives(PositiveErrors(rate, low, 0.2, np.zeros(3)))
    assert found.wrong == wrong
    assert found.figure == rate
    assert f"{100 * rate:.1f} %" in found.says
