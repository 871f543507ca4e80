"""Parallel fits: on threads of this process, or on the cluster configured in joblib."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from dechaff.core.threads import threaded_map

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """A parallel ``map(work, items)``; results come in the order of the items.

    Inside ``joblib.parallel_config("dask")`` or ``("ray")``, each item is a task on that cluster, and `work` is pickled
    with it. joblib's own backends are not used: threads share the rows without copying them.

    Examples
    --------
    >>> list(side_by_side(abs, [-1, 2], threads=2))
    [1, 2]
    """
    cluster = _cluster_of_joblib()
    if cluster is None:
        yield from threaded_map(work, items, threads=threads)
        return
    from joblib import Parallel, delayed

    as_they_come = "generator" if cluster.supports_return_generator else "list"
    yield from Parallel(return_as=as_they_come)(delayed(work)(item) for item in items)


def _cluster_of_joblib() -> Any:
    """The active joblib backend if it is from another package, else None."""
    joblib = sys.modules.get("joblib")
    if joblib is None:  # not imported, so not configured
        return None
    active, _ = joblib.parallel.get_active_backend()
    return None if type(active).__module__ == "joblib._parallel_backends" else active
