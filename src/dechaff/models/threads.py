"""One thread inside a fit, so that sums are taken in one order and the bits never depend on the machine's cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
_inside = 0
_limit: Any = None


@cache
def _controller() -> Any:
    # sklearn first, so that its OpenMP runtime is loaded and seen.
    import sklearn.utils  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def single_threaded() -> Iterator[None]:
    """Hold BLAS and OpenMP to one thread while inside; several threads may be inside at once.

    The BLAS limit belongs to the process, so only the first one in sets it and only the last one out
    lifts it; the OpenMP limit belongs to each thread.
    """
    _enter()
    try:
        with _controller().limit(limits=1, user_api="openmp"):
            yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _limit
    with _lock:
        if _inside == 0:
            _limit = _controller().limit(limits=1, user_api="blas")
        _inside += 1


def _leave() -> None:
    global _inside, _limit
    with _lock:
        _inside -= 1
        if _inside == 0:
            _limit.restore_original_limits()
            _limit = None
