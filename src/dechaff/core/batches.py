"""Batches of rows for trainings by steps, shuffled anew after each pass over the rows."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Rows


def next_batch(waiting: Rows, rows: Rows, size: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """The rows of the next step, and those that wait for the steps after it.

    Each row comes once before any comes again. A batch larger than the number of rows holds some of them twice.

    Parameters
    ----------
    waiting : (w,) int
        What the call before has returned; empty for the first one.
    rows : (n,) int, n above 0
    size : 1 or more
    rng : shuffles

    Examples
    --------
    >>> rng, waiting, batches = np.random.default_rng(0), np.array([], int), []
    >>> for _ in range(2):
    ...     batch, waiting = next_batch(waiting, np.arange(6), 3, rng)
    ...     batches.append(batch)
    >>> sorted(np.concatenate(batches).tolist())
    [0, 1, 2, 3, 4, 5]
    """
    while len(waiting) < size:
        waiting = np.concatenate([waiting, rng.permutation(rows)])
    return waiting[:size], waiting[size:]
