"""joblib on a cluster whose tasks have futures: one task for each piece of work, in workers that stay warm.

Imported only if joblib is used.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from joblib import parallel_config
from joblib.parallel import ParallelBackendBase

Work = Callable[[], Any]
Future = Any
"""The cluster's own future; it has ``add_done_callback``."""


def joblib_on(
    start: Callable[[Work], Future], result_of: Callable[[Future], Any], n_workers: int
) -> AbstractContextManager[Any]:
    """Inside, joblib works on a cluster.

    Parameters
    ----------
    start : sends work to a worker.
    result_of : the result of a future; raises the error of the work.
    n_workers : number of tasks that run at once.
    """
    inside: AbstractContextManager[Any] = parallel_config(JoblibTasks(start, result_of, n_workers), n_jobs=-1)
    return inside


class JoblibTasks(ParallelBackendBase):  # type: ignore[misc]
    """The backend that is registered with joblib.

    Ray's own starts a pool of actors for every call of ``Parallel``, which takes longer than most trainings; Dask's own
    works in this process while the cluster has one worker.
    """

    supports_retrieve_callback = True

    def __init__(
        self,
        start: Callable[[Work], Future],
        result_of: Callable[[Future], Any],
        n_workers: int,
        nesting_level: int = 0,
    ) -> None:
        super().__init__(nesting_level=nesting_level)
        self._start, self._result_of, self._n_workers = start, result_of, n_workers

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """All workers for -1, otherwise as many as are requested; for 1, joblib works in this process."""
        return max(2, self._n_workers) if n_jobs is None or n_jobs < 0 else max(1, n_jobs)

    def submit(self, func: Work, callback: Callable[[Future], Any] | None = None) -> Future:
        """One piece of work."""
        future = self._start(func)
        if callback is not None:
            future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, out: Future) -> Any:
        """The result of one piece of work."""
        return self._result_of(out)
