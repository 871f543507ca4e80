"""Ragged arrays: lists of unequal length, concatenated in one array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]


def ragged_ranges(starts: Positions, counts: Positions) -> Positions:
    """``starts[i], starts[i] + 1, …`` of length ``counts[i]``, for each i, in one array.

    Examples
    --------
    >>> ragged_ranges(np.array([5, 0]), np.array([2, 3]))
    array([5, 6, 0, 1, 2])
    """
    before = np.cumsum(counts) - counts
    return np.asarray(np.repeat(starts - before, counts) + np.arange(int(counts.sum())), dtype=np.int64)


def blocks_within(sizes: Positions, most_size: int, most_items: int) -> Iterator[slice]:
    """Runs of neighbouring items, limited in number and in total size; a single item may exceed the size.

    Examples
    --------
    >>> [(block.start, block.stop) for block in blocks_within(np.array([3, 4, 9, 1, 1]), 7, 2)]
    [(0, 2), (2, 3), (3, 5)]
    """
    ends = np.cumsum(sizes)
    start, done = 0, 0
    while start < len(sizes):
        stop = int(np.searchsorted(ends, done + most_size, side="right"))
        stop = min(max(stop, start + 1), start + most_items)
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])
