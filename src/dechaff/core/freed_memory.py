"""Memory that numpy frees after one chunk is reused for the next one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

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
