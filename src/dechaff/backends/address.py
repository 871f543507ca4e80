"""Whether a cluster listens at an address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from dechaff.errors import InputError

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
