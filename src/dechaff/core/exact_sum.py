"""Sums that have the same bits however the rows are split.

Floating-point addition depends on its order, so a mean over chunks moves in the last digit with the chunk
size, and a row that lies *on* a threshold flips. Here every number is first written in fixed point, in two
integers (steps of 2**-30, and what is left in steps of 2**-60); integers add exactly, in any order.
Good for 8,589,934,591 ones, or for more numbers if they are smaller; beyond that an error is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError

_BITS = 30
_SCALE = float(2**_BITS)
_ROWS_AT_ONCE = 2**16
"""Rows per call: they stay in the cache, and up to 2**22 of them the partial sums of either integer are exact in a
float64."""


@dataclass(frozen=True)
class ExactSum:
    """Totals in fixed point; adding two of them loses nothing."""

    whole: npt.NDArray[np.int64]
    part: npt.NDArray[np.int64]

    def __add__(self, other: ExactSum) -> ExactSum:
        return ExactSum(whole_sum(self.whole, other.whole), whole_sum(self.part, other.part))

    def value(self) -> npt.NDArray[np.float64]:
        """The totals as floats, rounded once."""
        total = self.whole.astype(object) * 2**_BITS + self.part.astype(object)
        return np.asarray(total / 2 ** (2 * _BITS), dtype=np.float64)


def whole_sum(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The sum of integers, checked for overflow, which numpy ignores.

    Raises
    ------
    InputError
        If a sum is beyond 64 bits.
    """
    total = left + right
    if np.any((left ^ total) & (right ^ total) < 0):  # both have one sign, and their sum has the other
        raise InputError(
            "a sum over the rows of one class",
            f"stay below 2**63 steps of 2**-{_BITS}, which is {2 ** (63 - _BITS) - 1:,} rows of probability 1",
            "a class with more",
            "Judge the files in several parts.",
        )
    return total


def exact_zero(shape: int | tuple[int, ...]) -> ExactSum:
    """The total of no rows."""
    return ExactSum(np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64))


def exact_sum(values: npt.NDArray[np.float64]) -> ExactSum:
    """The sum over the first axis.

    Examples
    --------
    >>> import numpy as np
    >>> tenths = np.full((10, 1), 0.1)
    >>> parted = exact_sum(tenths[:3]) + exact_sum(tenths[3:])
    >>> bool(parted.value() == exact_sum(tenths).value())
    True
    """
    whole, part = _fixed_point(values)
    return ExactSum(whole.astype(np.int64).sum(axis=0), part.astype(np.int64).sum(axis=0))


def exact_sum_by(codes: npt.NDArray[np.int64], values: npt.NDArray[np.float64], n_codes: int) -> ExactSum:
    """Sums over the rows of each code; `values` is (n,) or (n, c), the totals (n_codes,) or (n_codes, c)."""
    total = exact_zero((n_codes, *values.shape[1:]))
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        whole, part = _fixed_point(values[rows])
        total = total + ExactSum(_by_code(codes[rows], whole, n_codes), _by_code(codes[rows], part, n_codes))
    return total


def _fixed_point(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    scaled = np.asarray(values, dtype=np.float64) * _SCALE
    whole = np.floor(scaled)
    return whole, np.rint((scaled - whole) * _SCALE)


def _by_code(codes: npt.NDArray[np.int64], values: npt.NDArray[np.float64], n_codes: int) -> npt.NDArray[Any]:
    if values.ndim == 1:
        return np.bincount(codes, weights=values, minlength=n_codes).astype(np.int64)
    columns = [np.bincount(codes, weights=column, minlength=n_codes) for column in values.T]
    return np.stack(columns, axis=1).astype(np.int64)
