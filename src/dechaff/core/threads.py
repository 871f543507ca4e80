"""Threads that share work whose answer does not depend on how many they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 5
"""As many folds as there are at once; every thread holds a model in the making."""


def usual_threads(wanted: int | None = None) -> int:
    """The number that was asked for; otherwise one for each core that this process may use, up to five.

    Examples
    --------
    >>> usual_threads(2)
    2
    """
    if wanted is not None:
        return wanted
    may_use = getattr(os, "sched_getaffinity", None)
    cores = len(may_use(0)) if may_use is not None else os.cpu_count() or 1
    return min(MOST, cores)


def threaded_map(work: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """``map(work, items)`` with several items worked on at once; results come in the order of the items.

    Examples
    --------
    >>> list(threaded_map(abs, [-1, 2], threads=2))
    [1, 2]
    """
    if threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from pool.map(work, items)


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
