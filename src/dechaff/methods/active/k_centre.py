"""Rows that cover the pool: each next one is the farthest from all that are labelled or chosen."""

from __future__ import annotations

import numpy as np

from dechaff.methods.active.view import PoolView, squared_distances
from dechaff.typing import Rows


def k_centre(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """Greedy k-centre: the row that is farthest from every labelled or chosen row, again and again.

    Parameters and result as in `random_rows`. ``rng`` draws the first row if none is labelled.

    Source
    ------
    Sener, Savarese (2018), Active learning for convolutional neural networks: a core-set approach, ICLR,
    algorithm 1.

    Examples
    --------
    >>> rows = np.array([[0.0], [0.1], [5.0], [9.0]])
    >>> k_centre(PoolView(rows, rows[:1]), 2, np.random.default_rng(0))
    array([3, 2])
    """
    rows = view.features
    apart = np.full(len(rows), np.inf)
    for start in range(0, len(view.labelled), 1024):
        near = squared_distances(rows, view.labelled[start : start + 1024]).min(axis=1)
        apart = np.minimum(apart, near)
    chosen: list[int] = []
    for _ in range(n):
        at = int(rng.integers(len(rows))) if np.isinf(apart).all() else int(apart.argmax())
        chosen.append(at)
        apart = np.minimum(apart, squared_distances(rows, rows[at : at + 1])[:, 0])
        apart[at] = -1.0
    return np.array(chosen, dtype=np.int64)
