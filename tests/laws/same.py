"""Equality of results, through dataclasses and tuples, down to the bits or up to rounding."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def assert_same(left: Any, right: Any, *, rounding: float = 0.0) -> None:
    """`rounding` 0 asks for the same bits."""
    assert type(left) is type(right)
    if is_dataclass(left):
        for field in fields(left):
            assert_same(getattr(left, field.name), getattr(right, field.name), rounding=rounding)
    elif isinstance(left, tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other, rounding=rounding)
    elif left is None or isinstance(left, str):
        assert left == right
    elif rounding:
        np.testing.assert_allclose(left, right, rtol=0, atol=rounding)
    else:
        np.testing.assert_array_equal(left, right)
