"""What numpy frees after one chunk is there for the next one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_BLOCK = 2**24
"""Bytes of which glibc learns: more than an array of a chunk; larger ones, as columns of a part, go back as before."""


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """Lets the C library keep freed memory for the chunks to come, once a process.

    glibc gives what is freed back to the system, and then every page of the next chunk's arrays is zeroed anew: up to a
    third of all time, and threads wait for each other in it. After a block of up to 32 MB has been freed it keeps up to
    twice its size (mallopt(3), of M_MMAP_THRESHOLD); this one is never touched, so it costs nothing. Other C libraries
    do as they like.

    Examples
    --------
    >>> keep_freed_memory()
    """
    np.empty(_BLOCK, dtype=np.uint8)
