"""Connections to clusters: whether one listens, errors of those that do not or whose workers die, and Ctrl-C."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from dechaff.errors import InputError, RunError

_PATIENCE = 10.0
"""Seconds to wait for an answer."""
_BY_SOCKET = ("", "tcp", "tls", "ray")
_WORDS = ("auto", "local")


def check_listened_to(address: str, engine: str, usual_port: int) -> None:
    """An InputError if no server accepts a connection there; the engines would try for minutes, and one never ends."""
    scheme = address.partition("://")[0] if "://" in address else ""
    if address in _WORDS or scheme not in _BY_SOCKET:
        return
    with errors_about(address, engine):
        there = urlsplit(address if scheme else f"//{address}")
        socket.create_connection((there.hostname or "", there.port or usual_port), timeout=_PATIENCE).close()


@contextmanager
def errors_about(address: str, engine: str) -> Iterator[None]:
    """Turns what fails inside into an InputError about this address."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"No {engine} cluster answers at {address}: {reason_of(error)}.", fix=_HELP[engine]) from error


def reason_of(error: Exception) -> str:
    """The first line of what an error says, without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


_HELP = {
    "Dask": "It looks like tcp://host:8786, as `dask scheduler` prints it. Without one, workers are started here.",
    "Ray": "It looks like host:6379, as `ray start --head` prints it. Without one, workers are started here.",
}


def workers_lost(engine: str, times: int) -> RunError:
    """A task was tried `times` times, and its worker died each time."""
    return RunError(
        f"{engine} workers died {times} times on one task, most likely out of memory.",
        fix="Give each worker more memory, or write the data with smaller row groups.",
    )


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
