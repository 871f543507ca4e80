import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from dechaff.methods.proof import mcnemar


def _sides(only_before: int, only_after: int, both: int = 3) -> tuple[np.ndarray, np.ndarray]:
    before = np.array([True] * only_before + [False] * only_after + [True] * both)
    return before, np.array([False] * only_before + [True] * only_after + [True] * both)


def test_the_paper_of_fagerland_has_a_mid_p_of_0_039_for_1_against_7() -> None:
    # Airway hyper-responsiveness before and after transplantation: 7 and 1 discordant of 21; exact .070, mid-p .039.
    found = mcnemar(*_sides(1, 7))
    assert found.exact == pytest.approx(0.0703, abs=1e-4)
    assert found.p_value == pytest.approx(0.0391, abs=1e-4)


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_exact_p_value_is_that_of_the_binomial_test(only_before: int, only_after: int) -> None:
    found = mcnemar(*_sides(only_before, only_after))
    expected = binomtest(only_before, only_before + only_after).pvalue if only_before + only_after else 1.0
    assert found.exact == pytest.approx(expected)
    assert found.p_value <= found.exact


def test_models_that_never_differ_are_no_surprise() -> None:
    assert mcnemar(*_sides(0, 0)).p_value == 1.0
