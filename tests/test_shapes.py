from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from dechaff.methods.label_errors.label_scores import self_doubt
from dechaff.typing import Labels, Probs, Score
from tests.shapes import ShapeError, checked


def half(labels: Labels, probs: Probs) -> Score:
    return np.zeros(len(labels) // 2)


def flat(probs: Probs | None = None) -> Probs:
    return np.zeros(3)


def test_a_result_of_another_length_is_caught() -> None:
    with pytest.raises(ShapeError, match="axis n is 2 here and 4"):
        checked(half)(np.zeros(4, int), np.zeros((4, 2)))


def test_a_result_with_too_few_axes_is_caught() -> None:
    with pytest.raises(ShapeError, match="must have the axes"):
        checked(flat)()


def test_an_optional_argument_is_checked() -> None:
    with pytest.raises(ShapeError, match="flat: probs"):
        checked(flat)(np.zeros(3))


def test_methods_are_wrapped_while_tests_run() -> None:
    assert hasattr(self_doubt, "__wrapped__")


def test_an_error_of_the_method_comes_first() -> None:
    with pytest.raises(ValueError, match="same number of rows"):
        self_doubt(np.zeros(3, int), np.full((4, 2), 0.5))


@dataclass(frozen=True)
class Plain:
    score: Score


def test_foreign_dataclasses_are_left_alone() -> None:
    def plain() -> Plain:
        return Plain(np.zeros((2, 2)))

    plain.__annotations__["return"] = Plain
    assert checked(plain)().score.shape == (2, 2)
