"""Whether anybody listens at the address of a cluster."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from dechaff.errors import InputError

_PATIENCE = 10.0
"""Seconds in which a machine that is there answers."""
_BY_SOCKET = ("", "tcp", "tls", "ray")
_WORDS = ("auto", "local")


def check_listened_to(address: str, engine: str, usual_port: int) -> None:
    """An InputError if no server accepts a connection there; the engines would try for minutes, and one never ends."""
    scheme = address.partition("://")[0] if "://" in address else ""
    if address in _WORDS or scheme not in _BY_SOCKET:
        return
    with told_of(address, engine):
        there = urlsplit(address if scheme else f"//{address}")
        socket.create_connection((there.hostname or "", there.port or usual_port), timeout=_PATIENCE).close()


@contextmanager
def told_of(address: str, engine: str) -> Iterator[None]:
    """What fails inside is told as an InputError about this address."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        must = f"be that of a {engine} cluster that answers"
        raise InputError("address", must, f"{address}: {reason}", _HELP[engine]) from error


_HELP = {
    "Dask": "It looks like tcp://host:8786, as `dask scheduler` prints it. Without one, workers are started here.",
    "Ray": "It looks like host:6379, as `ray start --head` prints it. Without one, workers are started here.",
}
