"""Answers for the caller's rows in the caller's own type: a pandas index is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt


def like_callers(values: npt.NDArray[Any], given: Any, *, columns: Sequence[Any] | None = None) -> Any:
    """An array as the pandas series or frame that the caller handed in, with its index and columns; else as it is.

    A series has no columns of its own; those of a frame beside it are `columns`.
    """
    if not hasattr(given, "iloc"):
        return values
    is_series = len(given.shape) == 1
    if values.ndim == 2:
        frame = given.to_frame() if is_series else given
        return type(frame)(values, index=given.index, columns=columns if is_series else given.columns)
    series = given if is_series else given.iloc[:, 0]
    return type(series)(values, index=given.index)
