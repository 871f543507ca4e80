"""Fits in peace: one thread, so that sums are taken in one order, and no warnings of other packages on the way."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
_inside = 0
_held = ExitStack()


@cache
def _controller() -> Any:
    # scikit-learn first, so that its OpenMP runtime is loaded and seen.
    import sklearn.utils  # noqa: F401
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped,unused-ignore]

    return ThreadpoolController()


@contextmanager
def single_threaded() -> Iterator[None]:
    """Hold BLAS and OpenMP to one thread, and warnings back, while inside; several threads may be inside at once.

    The BLAS limit and the warning filters belong to the process, so only the first one in sets them and only
    the last one out puts them back; the OpenMP limit belongs to each thread.
    """
    _enter()
    try:
        with _controller().limit(limits=1, user_api="openmp"):
            yield
    finally:
        _leave()


def _enter() -> None:
    global _inside
    with _lock:
        if _inside == 0:
            _held.enter_context(_controller().limit(limits=1, user_api="blas"))
            _held.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _held.close()
