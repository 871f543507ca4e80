"""joblib on a cluster whose tasks have futures: one task for each piece of work, in workers that stay warm.

Imported only where joblib is used.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from joblib.parallel import ParallelBackendBase

Start = Callable[[Callable[[], Any]], "Future[Any]"]
"""``start(work) -> future``: some work under way on a worker."""


class JoblibTasks(ParallelBackendBase):  # type: ignore[misc]
    """A backend for ``joblib.parallel_config``.

    Ray's own starts a pool of actors for every call of ``Parallel``, which takes longer than most trainings of a fold.

    Parameters
    ----------
    start : sends work to a worker.
    n_workers : how much runs at once.
    result_of : what a future holds; raises what the work has raised.
    """

    supports_retrieve_callback = True

    def __init__(
        self, start: Start, n_workers: int, result_of: Callable[[Future[Any]], Any], nesting_level: int = 0
    ) -> None:
        super().__init__(nesting_level=nesting_level)
        self._start, self._n_workers, self._result_of = start, n_workers, result_of

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """All workers for -1; otherwise as many as were asked for."""
        return self._n_workers if n_jobs is None or n_jobs < 0 else max(1, n_jobs)

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], Any] | None = None) -> Future[Any]:
        """One piece of work."""
        future = self._start(func)
        if callback is not None:
            future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, out: Future[Any]) -> Any:
        """What it answered."""
        return self._result_of(out)
