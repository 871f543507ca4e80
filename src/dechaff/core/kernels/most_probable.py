"""The few largest numbers of each row, and their columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.kernels.shares import native_for, rows_of, typed

_SORTED_WHOLE = 64
"""Up to so many columns a row is sorted fastest, by numpy."""
_MOST = 16
"""The native function looks for so many at most."""


def most_probable(probs: npt.NDArray[Any], m: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """(m, n) each: the columns of the m largest numbers of each row, in order, and these numbers.

    They are compared as whole numbers, the bits of each with the column in the last ones, so that ties go to the lower
    column on every machine; what stood in these bits is lost, of a thousand columns the last three digits of sixteen.

    Examples
    --------
    >>> import numpy as np
    >>> columns, numbers = most_probable(np.array([[0.25, 0.5, 0.25]]), 2)
    >>> columns.tolist(), numbers.tolist()
    ([[1], [0]], [[0.5], [0.25]])
    """
    mask = (1 << max(probs.shape[1] - 1, 1).bit_length()) - 1
    native = native_for(probs) if probs.shape[1] > _SORTED_WHOLE and 0 < m <= _MOST else None
    if native is None:
        most = _largest_keys(probs, mask, m)
    else:
        most = np.empty((m, len(probs)), dtype=np.int64)
        room = np.empty(2 * probs.shape[1] + 4 * _MOST, dtype=np.int64)
        native(typed("largest_keys", probs), *rows_of(probs), mask, m, most, room)
    columns = mask - (most & mask)
    most &= ~mask
    return columns, most.view(np.float64)


def _largest_keys(probs: npt.NDArray[Any], mask: int, m: int) -> npt.NDArray[np.int64]:
    k = probs.shape[1]
    bits = np.add(probs, 0.0, dtype=np.float64).view(np.int64)  # + 0.0 turns -0.0 into 0.0, whose bits sort as numbers
    bits &= ~mask
    bits |= mask - np.arange(k)
    if k > _SORTED_WHOLE:
        bits.partition(k - m, axis=1)
        bits = bits[:, k - m :]
    bits.sort(axis=1)
    return np.ascontiguousarray(bits.T[: -m - 1 : -1])
