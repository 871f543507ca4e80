"""Numbers of rows that people ask for, checked."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex, cast

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError


def checked_count(name: str, value: Any) -> int:
    """A whole number, 0 or more, or an InputError."""
    if not hasattr(value, "__index__") or operator.index(cast("SupportsIndex", value)) < 0:
        raise InputError(name, "be a whole number, 0 or more", repr(value), "Say a number such as 50.")
    return operator.index(cast("SupportsIndex", value))


def checked_counts(name: str, values: Sequence[int] | int) -> npt.NDArray[np.int64]:
    """Whole numbers, 0 or more, none smaller than the one before; one number counts as a list of it."""
    listed = list(values) if isinstance(values, Sequence | np.ndarray) else [values]
    counts = np.array([checked_count(name, one) for one in listed], dtype=np.int64)
    if (np.diff(counts) < 0).any():
        raise InputError(name, "be numbers of rows that grow", str(counts.tolist()), "Say [50, 100, 200].")
    return counts
