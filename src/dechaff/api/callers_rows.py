"""Answers for the caller's rows in the caller's own type: a pandas index is kept."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


def like_callers(values: npt.NDArray[Any], given: Any) -> Any:
    """An array as the pandas series or frame that the caller handed in, with its index and columns; else as it is."""
    if not hasattr(given, "iloc"):
        return values
    if values.ndim == 2:
        return type(given)(values, index=given.index, columns=given.columns)
    series = given if len(given.shape) == 1 else given.iloc[:, 0]
    return type(series)(values, index=given.index)
