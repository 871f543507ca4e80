"""The error of a cluster whose workers die again and again."""

from __future__ import annotations

from dechaff.errors import RunError


def workers_lost(engine: str, times: int) -> RunError:
    """A task was tried `times` times, and its worker died each time."""
    return RunError(
        f"{engine} workers died {times} times on one task, most likely out of memory.",
        fix="Give each worker more memory, or write the data with smaller row groups.",
    )
