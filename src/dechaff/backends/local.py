"""Threads over chunks, on this machine.

numpy lets go of the interpreter in its loops, so threads share the work without copying a row. The chunks
and the order of merges depend on the source alone, never on which thread was first: the same bits with one
thread or many.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import Fold, R, S, folded, state_bytes
from dechaff.core.merge_tree import MergeTree
from dechaff.core.row_map import RowMap
from dechaff.core.source import Source
from dechaff.errors import InputError
from dechaff.typing import Chunk

W = TypeVar("W")
T = TypeVar("T")
_AHEAD = 2
"""Chunks in flight a thread: enough to keep it busy, few enough to hold in memory."""


def fold(fold: Fold[S, R], source: Source, *, threads: int = 1) -> R:
    """The result of one pass over all rows.

    Parameters
    ----------
    fold : what to compute.
    source : where the rows are.
    threads : how many work at once; the answer does not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.class_counts import ClassCounts
    >>> from dechaff.core.source import ArraySource
    >>> local_fold = fold
    >>> local_fold(ClassCounts(3), ArraySource({"labels": np.array([0, 2, 2])}, chunk_rows=1), threads=2)
    array([1, 0, 2])
    """
    tree: MergeTree[S] = MergeTree(fold.merge)
    chunks = _together(source.chunks(fold.columns, fold.keyed_by), state_bytes(fold.init()))
    for state in _in_order(lambda some: folded(fold, some), chunks, threads):
        tree.add(state)
    return fold.finalize(tree.root(fold.init()))


def row_map(row_map: RowMap, source: Source, *, threads: int = 1) -> npt.NDArray[Any]:
    """One answer a row, in the order of the source.

    Parameters
    ----------
    row_map : what to compute.
    source : where the rows are.
    threads : how many work at once; the answer does not depend on it.

    Examples
    --------
    >>> import numpy as np
    >>> from dechaff.core.source import ArraySource
    >>> from dechaff.methods.label_errors.self_confidence import SelfDoubt
    >>> source = ArraySource({"labels": np.array([0, 1]), "probs": np.array([[0.75, 0.25], [0.5, 0.5]])})
    >>> local_row_map = row_map
    >>> local_row_map(SelfDoubt(), source)
    array([0.25, 0.5 ])
    """
    return np.concatenate(list(_in_order(row_map.rows, source.chunks(row_map.columns), threads)))


def _together(chunks: Iterable[Chunk], least_bytes: int) -> Iterator[list[Chunk]]:
    """Runs of chunks that weigh as much as a state, lest large states cost more to add than the rows to read."""
    run: list[Chunk] = []
    weight = 0
    for chunk in chunks:
        run.append(chunk)
        weight += sum(column.nbytes for column in chunk.values())
        if weight >= least_bytes:
            yield run
            run, weight = [], 0
    if run:
        yield run


def _in_order(work: Callable[[W], T], chunks: Iterable[W], threads: int) -> Iterator[T]:
    """``map(work, chunks)`` on several threads, with few chunks in memory at a time."""
    if threads < 1:
        raise InputError("threads", "be at least 1", str(threads), "Leave it out for one thread.")
    if threads == 1:
        yield from map(work, chunks)
        return
    waiting = iter(chunks)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        running: deque[Future[T]] = deque(pool.submit(work, c) for c in islice(waiting, threads * _AHEAD))
        while running:
            done = running.popleft().result()
            running.extend(pool.submit(work, chunk) for chunk in islice(waiting, 1))
            yield done
