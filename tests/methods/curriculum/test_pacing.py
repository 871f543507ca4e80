"""Pacing functions begin at their start, only grow, and end with all rows, at the values of the paper's table."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.curriculum.pacing.baby_steps import BabySteps
from dechaff.methods.curriculum.pacing.exponential import Exponential
from dechaff.methods.curriculum.pacing.fixed_steps import FixedSteps
from dechaff.methods.curriculum.pacing.logarithmic import Logarithmic
from dechaff.methods.curriculum.pacing.one_pass import OnePass
from dechaff.methods.curriculum.pacing.pacing import Growth, Pacing
from dechaff.methods.curriculum.pacing.polynomial import LINEAR, QUADRATIC, ROOT, Polynomial

GROWING = [ROOT, LINEAR, QUADRATIC, Exponential(), Logarithmic(), FixedSteps(), FixedSteps(jumps=4)]
TIMES = np.linspace(0, 0.999, 400)


@pytest.mark.parametrize("pacing", GROWING, ids=repr)
def test_a_growing_window_begins_at_its_start_and_ends_with_all_rows(pacing: Growth) -> None:
    highs = [pacing(done).high for done in TIMES]
    assert highs[0] == pytest.approx(0.2, abs=1e-5)
    assert highs == sorted(highs)
    assert pacing(0.8).high == pacing(0.999).high == 1
    assert pacing(0.79).high <= 1
    assert all(pacing(done).low == 0 for done in TIMES)


def test_the_formulas_of_the_papers_table() -> None:
    b, a, t = 0.3, 0.5, 0.2
    x = t / a
    assert Polynomial(b, a, power=0.5)(t).high == pytest.approx(b + (1 - b) * x**0.5)
    assert Exponential(b, a)(t).high == pytest.approx(b + (1 - b) * (np.exp(10 * x) - 1) / (np.exp(10) - 1))
    assert Logarithmic(b, a)(t).high == pytest.approx(b + (1 - b) * (1 + 0.1 * np.log(x + np.exp(-10))))


def test_a_window_may_end_before_the_hardest_rows() -> None:
    pacing = Polynomial(start=0.2, full=0.5, end=0.6)
    assert [pacing(done).high for done in (0.0, 0.25, 0.5, 0.9)] == pytest.approx([0.2, 0.4, 0.6, 0.6])


def test_two_jumps_lie_at_the_middle_and_at_the_end_of_the_growth() -> None:
    pacing = FixedSteps(start=0.2, full=0.8, jumps=2)
    assert [pacing(done).high for done in (0.0, 0.39, 0.41, 0.79, 0.8)] == pytest.approx([0.2, 0.2, 0.6, 0.6, 1.0])


@pytest.mark.parametrize("pacing", [BabySteps(5), OnePass(5)], ids=repr)
def test_parts_are_equally_long_and_equally_large(pacing: Pacing) -> None:
    windows = [pacing((part + 0.5) / 5) for part in range(5)]
    assert [window.high for window in windows] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_one_pass_leaves_a_part_for_the_next() -> None:
    assert [OnePass(2)(done) for done in (0.2, 0.7)] == [(0.0, 0.5), (0.5, 1.0)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Polynomial(start=0.0),
        lambda: Exponential(full=1.2),
        lambda: Polynomial(power=0),
        lambda: FixedSteps(jumps=0),
        lambda: OnePass(0),
        lambda: Polynomial(end=1.5),
        lambda: Polynomial(start=0.5, end=0.4),
    ],
)
def test_options_out_of_range_are_refused(make: object) -> None:
    with pytest.raises(InputError, match="the pacing's"):
        make()  # type: ignore[operator]
