"""Work that goes on in the background: its progress can be asked for, and it can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from dechaff.core.progress import Progress
from dechaff.errors import RunError

R = TypeVar("R")


class _CancelledError(Exception):
    """Raised inside the work by its own report of progress."""


class Job(Generic[R]):
    """One call in a thread of its own.

    Examples
    --------
    >>> job = Job(lambda progress: progress("half", 1, 2) or 42)
    >>> job.result(), job.progress, job.running
    (42, ('half', 1, 2), False)
    """

    def __init__(self, work: Callable[[Progress], R]) -> None:
        self.progress: tuple[str, int, int] = ("", 0, 0)
        """What is done, and how much of how much; 0 of 0 if that is not known."""
        self._cancel = threading.Event()
        self._found: list[R] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether it ended because it was cancelled."""
        return not self.running and isinstance(self._error, _CancelledError)

    def cancel(self) -> None:
        """End it at its next report of progress; nothing that it did is kept."""
        self._cancel.set()

    def result(self, timeout: float | None = None) -> R:
        """Wait for the result.

        Parameters
        ----------
        timeout : seconds to wait; None = until it ends.

        Raises
        ------
        RunError
            If it was cancelled, or goes on after the timeout. An error of the work is raised as it is.
        """
        self._thread.join(timeout)
        if self.running:
            raise RunError("The job has not ended yet.", fix="Wait longer, or cancel it.")
        if self.cancelled:
            raise RunError("The job was cancelled; nothing was changed.", fix="Start it again.")
        if self._error is not None:
            raise self._error
        return self._found[0]

    def _run(self, work: Callable[[Progress], R]) -> None:
        try:
            self._found.append(work(self._report))
        except BaseException as error:
            self._error = error

    def _report(self, what: str, done: int, total: int) -> None:
        if self._cancel.is_set():
            raise _CancelledError
        self.progress = (what, done, total)
