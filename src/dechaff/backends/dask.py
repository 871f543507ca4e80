"""Folds and row maps on a Dask cluster: the caller's, or one of worker processes on this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from operator import itemgetter
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
from dechaff.errors import MissingExtraError, RunError

_OWN_WORKERS = {
    "distributed.deploy.lost-worker-timeout": "1 hour",
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**26,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
}
"""A killed worker is restarted by its nanny; on a busy machine that may take longer than the 15 s after
which Dask gives up both.
Dask makes workers return freed memory from 64 KiB on. Then the arrays of every chunk are allocated again, page by
page, which makes passes 1.5 times as slow; so workers keep what the next chunk needs."""
_USUAL_PORT = 8786
_LARGE_GRAPH = "distributed.admin.large-graph-warning-threshold"


@dataclass(frozen=True)
class DaskCluster:
    """A `distributed.Client`; Dask repeats the tasks of a dead worker and their inputs."""

    client: Any

    @property
    def n_workers(self) -> int:
        """The threads of all workers; 1 if none has started yet."""
        threads: dict[str, int] = self.client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """One task."""
        # Rows in memory are sent inside their task, so that they are not lost with a worker;
        # Dask would warn about it.
        with import_module("dask").config.set({_LARGE_GRAPH: "1 PiB"}):
            return self.client.submit(function, *arguments, pure=False)

    def submit_many(self, function: Callable[..., Any], *arguments: Any, outputs: int) -> list[Future]:
        """One task, and one for each entry of its tuple."""
        whole = self.submit(function, *arguments)
        return [self.client.submit(itemgetter(place), whole, pure=False) for place in range(outputs)]

    def finished(self, futures: Sequence[Future]) -> Iterator[int]:
        """Positions, as the tasks end."""
        places = {future.key: place for place, future in enumerate(futures)}
        for future in _distributed().as_completed(futures, loop=self.client.loop):
            yield places[future.key]

    def results(self, futures: Sequence[Future]) -> list[Any]:
        """The results of the tasks."""
        try:
            return list(self.client.gather(list(futures)))
        except _distributed().KilledWorker as error:
            raise workers_lost("Dask", error.allowed_failures + 1) from error

    def cancel(self, futures: Sequence[Future]) -> None:
        """Cancel them by dropping the references.

        ``Client.cancel`` (2026.8) fails on merges whose futures are gone, and the scheduler drops the client.
        """
        for future in futures:
            future.release()

    def joblib(self) -> AbstractContextManager[Any]:
        """Inside, joblib works on this cluster."""
        from dechaff.backends.joblib_tasks import joblib_on

        return joblib_on(self.submit, self._result, self.n_workers)

    def _result(self, future: Future) -> Any:
        return self.results([future])[0]


@contextmanager
def connected(address: Any = None, *, workers: int | None = None) -> Iterator[DaskCluster]:
    """A cluster to run several passes on.

    Parameters
    ----------
    address : of a scheduler, or a Dask cluster or client object; not closed afterwards. If left out: the client that
        this process has open, else worker processes on this machine, which end with the block.
    workers : processes to start on this machine, one per core by default.

    Raises
    ------
    InputError
        If nothing answers at the address.
    RunError
        If workers cannot be started here.
    MissingExtraError
        If Dask is not installed.
    """
    distributed = _distributed()
    client = _open_client() if address is None else address
    if isinstance(client, distributed.Client):
        yield DaskCluster(client)
    elif client is not None:
        if isinstance(client, str):
            check_listened_to(client, "Dask", _USUAL_PORT)
        with errors_about(str(client), "Dask"):
            opened = distributed.Client(client, set_as_default=False)
        with opened as used:
            yield DaskCluster(used)
    else:
        with import_module("dask").config.set(_OWN_WORKERS), ExitStack() as started:
            try:
                with ctrl_c_later():
                    local = started.enter_context(_local_cluster(usual_threads(workers)))
                    own = started.enter_context(distributed.Client(local, set_as_default=False))
                yield DaskCluster(own)
            finally:
                with ctrl_c_later():
                    started.close()


def _local_cluster(workers: int) -> Any:
    try:
        return _distributed().LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port, for other clusters may run here
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        )
    except (RuntimeError, OSError) as error:
        raise RunError(
            f"Dask could not start workers on this machine: {reason_of(error)}.",
            fix='In a script, put the work under `if __name__ == "__main__":`, because workers import it. Otherwise '
            "try again when the machine is less busy, or work on threads.",
        ) from error


def _open_client() -> Any:
    try:
        return _distributed().Client.current()
    except ValueError:
        return None


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise MissingExtraError.of("distributed", "dask", "to work on a Dask cluster") from error


_backend = ClusterBackend(connected)
fold, row_map, map_parts = _backend.fold, _backend.row_map, _backend.map_parts
