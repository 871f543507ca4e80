"""The backend of a name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from dechaff.backends import dask, local, ray
from dechaff.core.backend import Backend, bound
from dechaff.core.threads import use_threads
from dechaff.errors import InputError

CLUSTERS: dict[str, ModuleType] = {"dask": dask, "ray": ray}
"""Backends that run in other processes, by name."""


@contextmanager
def chosen_backend(name: str = "local", *, address: Any = None, threads: int | None = None) -> Iterator[Backend]:
    """The backend of this name; inside the block joblib, and with it all training, uses it too.

    Parameters
    ----------
    name : ``local`` (threads of this process), ``dask`` or ``ray``.
    address : of a cluster; it is left alone afterwards. Without one, worker processes are started on this machine and
        ended with the block, unless the process has a client or connection open: then that is used.
    threads : of the local backend, or worker processes to start on this machine; one per core by default.

    Raises
    ------
    InputError
        If there is no such backend, or an address comes with the local one.
    MissingExtraError
        If its package is not installed.

    Examples
    --------
    >>> from dechaff.core.codes import ClassCounts
    >>> from dechaff.core.source import ArraySource
    >>> with chosen_backend("local", threads=2) as backend:
    ...     backend.fold(ClassCounts(2), ArraySource({"labels": np.array([0, 1, 1])}))
    array([1, 2])
    """
    check_backend(name, address)
    with use_threads(threads):
        if name == "local":
            yield bound(local, threads=threads)
            return
        with CLUSTERS[name].connected(address, workers=threads) as cluster, cluster.joblib():
            yield bound(CLUSTERS[name], cluster=cluster)


def check_backend(name: str, address: Any) -> None:
    """The InputError of `chosen_backend`, before anything is read or started."""
    names = ("local", *CLUSTERS)
    if name not in names:
        raise InputError("backend", f"be one of {', '.join(names)}", repr(name), "Leave it out to work on threads.")
    if name == "local" and address is not None:
        raise InputError(
            "address",
            "be left out unless backend is dask or ray",
            f"{address} with the local backend",
            "Add backend='dask' or 'ray' (--backend on the command line), or leave out the address.",
        )
