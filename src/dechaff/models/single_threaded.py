"""Limits BLAS and OpenMP to one thread, which fixes the order of sums, and silences warnings while fitting."""

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
    """Context in which BLAS and OpenMP use one thread and warnings are silenced; several threads may enter it.

    The BLAS limit and the warning filters are global to the process: the first thread to enter sets them, and the last
    one to leave restores them. The OpenMP limit is set per thread.
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
            # scikit-learn empties the filters for a moment in each worker thread, so they alone do not silence others.
            warnings.showwarning = _show_nothing
        _inside += 1


def _show_nothing(*_: object, **__: object) -> None:
    """In place of `warnings.showwarning`, which `catch_warnings` restores."""


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _held.close()
