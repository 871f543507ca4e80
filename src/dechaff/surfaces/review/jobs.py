"""Work that takes longer than a page may wait: it runs in a thread, shows its progress, and can be cancelled."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dechaff.core.progress import Progress
from dechaff.errors import DechaffError


class Cancelled(BaseException):
    """Raised inside the work, by its progress callback, once it is to end."""


@dataclass
class Job:
    """One piece of work; ``state`` is running, done, failed or cancelled.

    Examples
    --------
    >>> job = Job("Adding", lambda progress: 1 + 1)
    >>> job.start().join()
    >>> job.state, job.result
    ('done', 2)
    """

    title: str
    work: Callable[[Progress], Any]
    back: str = "/"
    """Address of the page that follows."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    state: str = "running"
    step: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def start(self) -> threading.Thread:
        """Begin."""
        thread = threading.Thread(target=self._run, name=f"review-{self.id}", daemon=True)
        thread.start()
        return thread

    def cancel(self) -> None:
        """End the work at its next sign of progress; nothing that was there before is changed."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self.result = self.work(self._progress)
        except Cancelled:
            self.state = "cancelled"
        except (DechaffError, OSError, MemoryError) as error:
            self.error, self.state = str(error) or "The data do not fit into memory.", "failed"
        except Exception as error:  # shown on the page: a thread has no one else to tell
            self.error, self.state = f"An error in dechaff: {type(error).__name__}: {error}", "failed"
        else:
            self.state = "done"

    def _progress(self, step: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Cancelled
        if total:
            self.step, self.done, self.total = step, done, total
