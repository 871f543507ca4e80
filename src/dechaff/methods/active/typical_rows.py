"""Typical rows of clusters that have no label yet, for the first labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.cluster import MiniBatchKMeans
from sklearn.neighbors import NearestNeighbors

from dechaff.methods.active.view import PoolView
from dechaff.typing import Features, Rows, Score

MOST_CLUSTERS = 500
NEIGHBOURS = 20


def typical_rows(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """The most typical row of each of the largest clusters that have no label yet.

    As many clusters as there are labelled rows and rows to choose, at most 500; typical is a row whose 20 nearest
    rows of its cluster are near.

    Parameters and result as in `random_rows`. ``rng`` decides where clusters start.

    Source
    ------
    Hacohen, Dekel, Weinshall (2022), Active learning on a budget: opposite strategies suit high and low budgets,
    ICML (TypiClust, algorithm 1).

    Examples
    --------
    >>> rows = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.random.default_rng(0).normal(size=(40, 2))
    >>> chosen = typical_rows(PoolView(rows, rows[:0]), 2, np.random.default_rng(0))
    >>> sorted((chosen // 20).tolist())
    [0, 1]
    """
    both = np.vstack([view.features, view.labelled])
    n_clusters = min(len(view.labelled) + n, MOST_CLUSTERS, len(both))
    cluster = clusters_of(both, n_clusters, rng)
    of_pool, of_labelled = cluster[: len(view.features)], cluster[len(view.features) :]
    labels = np.bincount(of_labelled, minlength=n_clusters)
    chosen: list[int] = []
    free = np.ones(len(of_pool), dtype=bool)
    typical = {}
    while len(chosen) < n:
        left = np.bincount(of_pool[free], minlength=n_clusters)
        order = np.lexsort((np.arange(n_clusters), -left, np.where(left > 0, labels, np.iinfo(np.int64).max)))
        at = int(order[0])
        if at not in typical:
            members = np.flatnonzero(of_pool == at)
            typical[at] = members[np.argsort(-typicality(view.features[members]), kind="stable")].tolist()
        row = next(one for one in typical[at] if free[one])
        chosen.append(row)
        free[row] = False
        labels[at] += 1
    return np.array(chosen, dtype=np.int64)


def clusters_of(rows: Features, n_clusters: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) the cluster of each row, by k-means on random batches."""
    seed = int(rng.integers(2**31))
    model = MiniBatchKMeans(n_clusters, batch_size=4096, n_init=3, random_state=seed, max_iter=50)
    return np.asarray(model.fit_predict(rows), dtype=np.int64)


def typicality(rows: Features) -> Score:
    """(n,) one over the mean distance to the 20 nearest of these rows."""
    if len(rows) < 2:
        return np.ones(len(rows))
    near = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(rows) - 1)).fit(rows)
    return np.asarray(1.0 / (near.kneighbors()[0].mean(axis=1) + 1e-12))
