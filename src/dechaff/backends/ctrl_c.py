"""Delays Ctrl-C while worker processes are started or ended, and keeps it from them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Ctrl-C inside takes effect at the end of the block; threads and processes that are started inside ignore it.

    A terminal signals all processes of a command. Workers that are killed by it print tracebacks, and a cluster that
    is left half started or half ended leaves processes behind.
    """
    with _held_back(), _not_handed_on():
        yield


@contextmanager
def _held_back() -> Iterator[None]:
    """Another thread may receive the signal, so blocking it in this one does not help."""
    usual: Any = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[Any] = []
    signal.signal(signal.SIGINT, lambda *signal_and_frame: held.append(signal_and_frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if held:
        usual(*held[0])


@contextmanager
def _not_handed_on() -> Iterator[None]:
    """Threads and processes inherit the signals that their parent blocks."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:  # Windows
        yield
        return
    # The thread that starts the first child of multiprocessing, its tracker, unblocks all signals.
    import_module("multiprocessing.resource_tracker").ensure_running()
    usual = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, usual)
