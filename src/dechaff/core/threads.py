"""How many threads work at once, and threads that share work whose answer does not depend on their number."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound="Future[Any]")

MOST_TRAININGS = 5
"""Trainings at once by default, as many as there are folds: every thread holds a model."""
AHEAD = 2
"""Items in flight per worker: enough to keep it busy."""
_chosen: ContextVar[int | None] = ContextVar("threads", default=None)


@contextmanager
def use_threads(n: int | None) -> Iterator[None]:
    """Inside, passes, kernels, neighbours and trainings work on `n` threads; None leaves the number as it is.

    Examples
    --------
    >>> with use_threads(32):
    ...     usual_threads(), training_threads()
    (32, 32)
    """
    before = _chosen.set(_chosen.get() if n is None else n)
    try:
        yield
    finally:
        _chosen.reset(before)


def usual_threads(wanted: int | None = None) -> int:
    """`wanted`; without it, the number that `use_threads` set; without that, one per core that this process may use.

    Examples
    --------
    >>> usual_threads(2)
    2
    """
    if wanted is None:
        wanted = _chosen.get()
    if wanted is not None:
        return wanted
    may_use = getattr(os, "sched_getaffinity", None)
    return len(may_use(0)) if may_use is not None else os.cpu_count() or 1


def training_threads(wanted: int | None = None) -> int:
    """The same for trainings of models: by default at most five."""
    if wanted is None and _chosen.get() is None:
        return min(MOST_TRAININGS, usual_threads())
    return usual_threads(wanted)


def threaded_map(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """``map(work, items)`` with several items worked on at once; results come in the order of the items.

    Few results wait in memory at a time. If there are more threads than items, the work on each item may use them.

    Examples
    --------
    >>> list(threaded_map(abs, [-1, 2], threads=2))
    [1, 2]
    """
    workers = min(threads, len(items)) if isinstance(items, Sized) else threads
    if workers <= 1:
        yield from map(within_threads(work, max(1, threads)), items)
        return
    limited = within_threads(work, threads // workers)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        yield from in_order(lambda item: pool.submit(limited, item), items, at_once=workers * AHEAD)


def for_each(work: Callable[[T], object], items: Iterable[T], *, threads: int) -> None:
    """The work on all items, several at once; if one fails, its error is raised."""
    for _ in threaded_map(work, items, threads=threads):
        pass


def in_order(start: Callable[[T], F], items: Iterable[T], *, at_once: int) -> Iterator[Any]:
    """The results of futures in the order of their items; a limited number is started or waits at a time.

    Parameters
    ----------
    start : starts the work on an item; futures have ``result`` and ``cancel``.
    items : taken from one by one, as results are taken.
    at_once : most futures in flight.
    """
    waiting = iter(items)
    running = deque(map(start, islice(waiting, at_once)))
    try:
        while running:
            done = running.popleft().result()
            running.extend(map(start, islice(waiting, 1)))
            yield done
    finally:
        for future in running:
            future.cancel()


def within_threads(work: Callable[[T], R], threads: int) -> Callable[[T], R]:
    """The same work for another thread, which uses `threads` threads itself."""

    def limited(item: T) -> R:
        with use_threads(threads):
            return work(item)

    return limited


def together(works: Sequence[Callable[[], R]]) -> list[R]:
    """All of it at once, the first in this thread and each of the others in one of its own; results in their order.

    Examples
    --------
    >>> together([lambda: 1, lambda: 2])
    [1, 2]
    """
    if len(works) <= 1:
        return [work() for work in works]
    with ThreadPoolExecutor(max_workers=len(works) - 1) as pool:
        others = [pool.submit(work) for work in works[1:]]
        return [works[0](), *(other.result() for other in others)]
