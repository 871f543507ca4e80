"""Rows whose balls cover most of the pool."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.neighbors import NearestNeighbors

from dechaff.methods.active.typical_rows import clusters_of
from dechaff.methods.active.view import PoolView, squared_distances
from dechaff.typing import Features, Rows

PURITY = 0.95


def prob_cover(view: PoolView, n: int, rng: np.random.Generator, *, n_classes: int = 2) -> Rows:
    """Greedy cover: the row with the most rows in a ball around it that no ball covers yet, again and again.

    The radius is the largest at which 95 % of the balls lie in one cluster, of as many clusters as classes.

    Parameters and result as in `random_rows`. ``rng`` decides where clusters start, and draws rows once
    all are covered. ``n_classes`` is at least 2.

    Source
    ------
    Yehuda, Dekel, Hacohen, Weinshall (2022), Active learning through a covering lens, NeurIPS, algorithm 1.

    Examples
    --------
    >>> rows = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.random.default_rng(0).normal(size=(40, 2))
    >>> chosen = prob_cover(PoolView(rows, rows[:0]), 2, np.random.default_rng(0))
    >>> sorted((chosen // 20).tolist())
    [0, 1]
    """
    both = np.vstack([view.features, view.labelled])
    radius = pure_radius(both, clusters_of(both, min(n_classes, len(both)), rng))
    near = NearestNeighbors(radius=radius).fit(view.features)
    graph = csr_matrix(near.radius_neighbors_graph(view.features))
    covered = np.zeros(len(view.features), dtype=bool)
    if len(view.labelled):
        covered[near.radius_neighbors_graph(view.labelled).indices] = True
    chosen: list[int] = []
    free = np.ones(len(covered), dtype=bool)
    for _ in range(n):
        gain = np.where(free, graph @ (~covered).astype(np.float64), -1.0)
        at = int(gain.argmax()) if gain.max() > 0 else int(rng.choice(np.flatnonzero(free)))
        chosen.append(at)
        free[at] = False
        covered[graph.indices[graph.indptr[at] : graph.indptr[at + 1]]] = True
    return np.array(chosen, dtype=np.int64)


def pure_radius(rows: Features, cluster: Rows) -> float:
    """The largest radius at which 95 % of the balls around sampled rows hold rows of one cluster only."""
    at = np.linspace(0, len(rows) - 1, min(len(rows), 500)).astype(np.int64)
    distances = np.sqrt(squared_distances(rows[at], rows))
    other = np.where(cluster[at][:, None] != cluster[None], distances, np.inf).min(axis=1)
    finite = other[np.isfinite(other)]
    return float(np.quantile(finite, 1 - PURITY)) if len(finite) else float(distances.max())
