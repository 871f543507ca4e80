"""How many rows are flagged at a false discovery rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from dechaff.core.false_discoveries import discovery_cut_of


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1, 0.3])
def test_it_flags_the_rows_that_scipy_flags(rate: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        p_values = rng.random(200) ** rng.uniform(1, 6)
        expected = false_discovery_control(p_values) <= rate
        assert (p_values <= discovery_cut_of(p_values, rate=rate)).tolist() == expected.tolist()


def test_no_rows_and_no_discoveries_have_the_cut_0() -> None:
    assert discovery_cut_of(np.zeros(0), rate=0.1) == 0
    assert discovery_cut_of(np.ones(9), rate=0.1) == 0
