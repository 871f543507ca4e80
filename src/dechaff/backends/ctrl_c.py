"""Ctrl-C while worker processes are started or ended here: it waits, and this process alone is told of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Ctrl-C inside is heard at the end of the block; threads and processes that are started inside never hear it.

    A terminal tells all processes of a command. Workers that die of it print what they were about, and a cluster that
    is left half started or half ended leaves processes behind.
    """
    with _held_back(), _not_handed_on():
        yield


@contextmanager
def _held_back() -> Iterator[None]:
    """Threads that stood before may be told in place of this one, so it does not help to block the signal here."""
    usual: Any = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[Any] = []
    signal.signal(signal.SIGINT, lambda *told: held.append(told))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if held:
        usual(*held[0])


@contextmanager
def _not_handed_on() -> Iterator[None]:
    """Threads and processes begin with what their maker blocks."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:  # Windows
        yield
        return
    # The thread that starts the first child of multiprocessing, its tracker, hears everything again from then on.
    import_module("multiprocessing.resource_tracker").ensure_running()
    usual = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, usual)
