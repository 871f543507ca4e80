"""Folds and row maps on a Ray cluster: the caller's, or one of worker processes on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from dechaff.backends.cluster import (
    ClusterBackend,
    Future,
    check_listened_to,
    ctrl_c_later,
    errors_about,
    reason_of,
    workers_lost,
)
from dechaff.core.threads import usual_threads
from dechaff.errors import InputError, MissingExtraError, RunError

_USUAL_PORT = 6379
_RETRIES = 3
"""Retries of a task whose worker died; as in Dask."""


@dataclass(frozen=True)
class RayCluster:
    """The Ray cluster that this process is connected to; Ray repeats the tasks of a dead worker."""

    @property
    def n_workers(self) -> int:
        """The processors of all nodes; 1 if none has started yet."""
        return max(1, int(_ray().cluster_resources().get("CPU", 1)))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """One task."""
        return _task(function).remote(*arguments)

    def submit_many(self, function: Callable[..., Any], *arguments: Any, outputs: int) -> list[Future]:
        """One task with several outputs."""
        futures = _task(function).options(num_returns=outputs).remote(*arguments)
        return list(futures) if outputs > 1 else [_task(_only).remote(futures)]

    def finished(self, futures: Sequence[Future]) -> Iterator[int]:
        """Positions, as the tasks end."""
        waiting = {future: place for place, future in enumerate(futures)}
        while waiting:
            for future in _ray().wait(list(waiting), fetch_local=False)[0]:
                yield waiting.pop(future)

    def results(self, futures: Sequence[Future]) -> list[Any]:
        """The results of the tasks."""
        exceptions = _ray().exceptions
        try:
            return list(_ray().get(list(futures)))
        except exceptions.RayError as error:
            raise _as_raised(error, exceptions) from error

    def cancel(self, futures: Sequence[Future]) -> None:
        """Does nothing. Ray (2.60) aborts this process if a task ends just as it is being cancelled."""

    def joblib(self) -> AbstractContextManager[Any]:
        """Inside, joblib works on this cluster."""
        from dechaff.backends.joblib_tasks import joblib_on

        return joblib_on(_started, _result_of, self.n_workers)


@contextmanager
def connected(address: str | None = None, *, workers: int | None = None) -> Iterator[RayCluster]:
    """A cluster to run several passes on.

    Parameters
    ----------
    address : of a cluster, such as ``auto`` or ``host:6379``; not closed afterwards. If left out: the one that this
        process is connected to, else worker processes on this machine, which end with the block.
    workers : processes to start on this machine, one per core by default.

    Raises
    ------
    InputError
        If nothing answers at the address, or the process is connected already.
    RunError
        If workers cannot be started here.
    MissingExtraError
        If Ray is not installed.
    """
    ray = _ray()
    if ray.is_initialized():
        _refuse_second(address)
        yield RayCluster()
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    with ExitStack() as begun:  # a connection that was open before stays open
        if address is not None:
            check_listened_to(address, "Ray", _USUAL_PORT)
            with errors_about(address, "Ray"):
                ray.init(address=address, **quiet)
            begun.callback(_end)
        else:
            with ctrl_c_later():
                _start_here(usual_threads(workers), quiet)
                begun.callback(_end)
        yield RayCluster()


def _end() -> None:
    with ctrl_c_later():
        _ray().shutdown()


def _start_here(workers: int, quiet: dict[str, Any]) -> None:
    here = {"num_cpus": workers, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        _ray().init(address="local", **here, **quiet)
    except Exception as error:  # Ray raises nothing narrower if half a minute is not enough
        raise RunError(
            f"Ray could not start workers on this machine: {reason_of(error)}.",
            fix="Try again when the machine is less busy, or work on threads or on Dask.",
        ) from error


def _refuse_second(address: str | None) -> None:
    if address is not None:
        raise InputError(
            "address",
            "be left out, because the process is connected to Ray already",
            address,
            "Leave it out, or call ray.shutdown() first.",
        )


@cache
def _task(function: Callable[..., Any]) -> Any:
    # One object per function: Ray sends the code to the cluster once for each.
    return _ray().remote(max_retries=_RETRIES)(function)


def _started(work: Callable[[], Any]) -> Future:
    return _task(_done).remote(work).future()


def _done(work: Callable[[], Any]) -> Any:
    return work()


def _result_of(future: Future) -> Any:
    exceptions = _ray().exceptions
    try:
        return future.result()
    except exceptions.RayError as error:
        raise _as_raised(error, exceptions) from error


def _only(outputs: tuple[Any, ...]) -> Any:
    return outputs[0]


def _as_raised(error: Any, exceptions: Any) -> BaseException:
    """The error of the task itself, rather than the chain that Ray passes from task to task."""
    raised: BaseException = error
    while isinstance(raised, exceptions.RayTaskError) and isinstance(raised.cause, BaseException):
        raised = raised.cause
    lost = (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError, exceptions.NodeDiedError)
    return workers_lost("Ray", _RETRIES + 1) if isinstance(raised, lost) else raised


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return import_module("ray")
    except ImportError as error:
        raise MissingExtraError.of("ray", "ray", "to work on a Ray cluster") from error


_backend = ClusterBackend(connected)
fold, row_map, map_parts = _backend.fold, _backend.row_map, _backend.map_parts
