"""The error of a cluster whose workers die whatever they are given."""

from __future__ import annotations

from dechaff.errors import RunError


def workers_lost(engine: str, times: int) -> RunError:
    """A task was tried so many times, and its worker died each time."""
    return RunError(
        f"a worker of {engine}",
        "live until its task is done",
        f"a task whose worker died {times} times",
        "Most often memory ran out: give each worker more of it, or write the data with smaller row groups.",
    )
