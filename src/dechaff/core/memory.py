"""Memory for the rows of chunks: kept once it is freed, and in large pages for results."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

_BLOCK = 2**24
"""Bytes: more than an array of a chunk, less than a column of a part, which still goes back to the system."""


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """Makes the C library keep freed memory for later chunks; once per process.

    glibc returns freed memory to the system, which then zeroes every page of the next chunk's arrays again: up to a
    third of all time, during which threads block each other. After a block of up to 32 MB has been freed it keeps up to
    twice its size (mallopt(3), M_MMAP_THRESHOLD); this block is never written to, so it is free. Other C libraries
    are not affected.

    Examples
    --------
    >>> keep_freed_memory()
    """
    np.empty(_BLOCK, dtype=np.uint8)


_PAGE = 2**21
_WORTH_A_PAGE = 2**19
"""Below this number of bytes, small pages are faster than zeroing a large one."""


def room_for(shape: int | tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """As `numpy.empty`, but faster at the first write.

    The system zeroes memory page by page at the first write; with small pages that takes longer than
    the hot loops. numpy requests large ones for arrays of 4 MB and more, but the ends before the first and
    after the last boundary of a large page stay small pages, up to half of the array.

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
