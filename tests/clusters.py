"""Real clusters of two worker processes on the loopback, one of each engine a test session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from dechaff.backends import dask, local, ray
from dechaff.core.backend import Backend, bound

ENGINES = {"dask": dask, "ray": ray}
PACKAGES = {"dask": "distributed", "ray": "ray"}
CLUSTERS = [pytest.param(name, marks=pytest.mark.cluster, id=name) for name in ENGINES]
"""Parameters of a test that runs on real workers: `make test-all` runs it, and starts each cluster once."""


def started(engine: str) -> Iterator[Any]:
    """A cluster of two workers, until the tests are over."""
    pytest.importorskip(PACKAGES[engine])
    with ENGINES[engine].connected(workers=2) as cluster:
        processes = _of_ray() if engine == "ray" else []
        yield cluster
    for process in processes:  # Ray ends them, and does not look whether they have ended, of which Python would warn
        process.wait(timeout=60)


def check_marked(request: pytest.FixtureRequest) -> None:
    """Raise an error if the test would start a cluster in the fast set of tests."""
    assert request.node.get_closest_marker("cluster"), "mark the test as `cluster`, or take parameters from CLUSTERS"


def _of_ray() -> list[Any]:
    """The processes of the local Ray cluster."""
    from ray._private.worker import _global_node

    return [one.process for kind in _global_node.all_processes.values() for one in kind]


def on(engine: str, request: pytest.FixtureRequest) -> Backend:
    """The backend by name, on the cluster of the session where it needs one."""
    if engine == "local":
        return bound(local, threads=2)
    return bound(ENGINES[engine], cluster=request.getfixturevalue(f"{engine}_cluster"))


def of_squares(n: int) -> list[int]:
    """What joblib says of the first squares; raises where it worked in this process."""
    from joblib import Parallel, delayed

    pairs = Parallel()(delayed(_square_and_process)(number) for number in range(n))
    assert os.getpid() not in {process for _, process in pairs}
    return [square for square, _ in pairs]


def _square_and_process(number: int) -> tuple[int, int]:
    return number**2, os.getpid()
