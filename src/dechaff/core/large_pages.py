"""Room for answers of many rows, in large pages of memory where the system has them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

_PAGE = 2**21
_WORTH_A_PAGE = 2**19
"""Of fewer bytes than that the small pages are had sooner than a large one is wiped."""


def room_for(shape: int | tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """As `numpy.empty`, but sooner written to.

    The system hands out memory page by page, wiped, as it is first written to; with small pages that takes longer than
    all that the hot loops do. numpy asks for large ones in arrays of 4 MB and more, but what lies before the first and
    behind the last border of such a page stays small ones, and that can be half of the array.

    Examples
    --------
    >>> room_for((2, 3), "f4").shape
    (2, 3)
    """
    kind = np.dtype(dtype)
    size = prod(np.atleast_1d(shape).tolist()) * kind.itemsize
    if size < _WORTH_A_PAGE:
        return np.empty(shape, dtype=kind)
    whole = np.empty((-(-size // _PAGE) + 1) * _PAGE, dtype=np.uint8)
    start = -whole.ctypes.data % _PAGE
    return whole[start : start + size].view(kind).reshape(shape)
