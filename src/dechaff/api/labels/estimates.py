"""Numbers with their intervals, and how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Estimate:
    """A number, or an array of numbers, with its 95 % interval."""

    value: Any
    low: Any
    high: Any

    def __float__(self) -> float:
        return float(self.value)

    def __format__(self, spec: str) -> str:
        return format(float(self.value), spec) if spec else str(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        if np.ndim(self.value):
            return f"Estimate of shape {np.shape(self.value)}:\n{np.round(self.value, 3)}"
        return f"{_short(self.value)} ({_short(self.low)} to {_short(self.high)})"


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 10 else f"{number:.3g}"


@dataclass(frozen=True)
class Budget:
    """How many errors reviewing the most doubtful rows first would find."""

    rows: npt.NDArray[np.int64]
    """Numbers of rows."""
    errors: npt.NDArray[np.float64]
    """Errors expected among them."""
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    """95 % interval."""

    def __repr__(self) -> str:
        if not len(self.rows):
            return "No rows are left to read."
        reach = np.maximum(self.errors - self.low, self.high - self.errors)
        first = f"Reviewing {self.rows[0]:,} rows finds {self.errors[0]:,.0f} ± {reach[0]:,.0f} errors"
        steps = zip(np.diff(self.rows), np.diff(self.errors), strict=True)
        return "; ".join([first, *(f"the next {rows:,} find {errors:,.0f}" for rows, errors in steps)]) + "."


@dataclass(frozen=True)
class Stopping:
    """Whether to continue reviewing, and why."""

    stop: bool
    why: str
    next_errors: Estimate
    """Errors in the next rows."""
    remaining: Estimate
    """Errors in all rows without a review."""

    def __bool__(self) -> bool:
        return self.stop

    def __repr__(self) -> str:
        return self.why
