"""Uncertain rows that differ from each other."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans

from dechaff.methods.active.uncertain import margin_score
from dechaff.methods.active.view import PoolView, squared_distances
from dechaff.typing import Rows

CANDIDATES = 10
"""So many times more rows than are chosen are clustered …"""
ONE_IN = 4
"""… but at most one in so many of the pool, so that small pools do not give rows about which the model is sure."""


def margin_in_clusters(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """Of the 10 n most uncertain rows by margin, those in the middle of n clusters, the most uncertain first.

    In small pools, of the most uncertain quarter.

    Parameters and result as in `random_rows`. ``rng`` decides where clusters start. Needs probabilities.

    Source
    ------
    Zhdanov (2019), Diverse mini-batch active learning, arXiv 1901.05954, algorithm 1: k-means weighted by uncertainty.
    The quarter is ours.

    Examples
    --------
    >>> rows = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> probs = np.array([[0.5, 0.5], [0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    >>> margin_in_clusters(PoolView(rows, rows[:0], probs), 2, np.random.default_rng(0))
    array([0, 3])
    """
    score = margin_score(view.known_probs)
    unsure = np.argsort(-score, kind="stable")[: max(n, min(CANDIDATES * n, len(score) // ONE_IN))]
    rows = view.features[unsure]
    n_clusters = min(n, len(np.unique(rows, axis=0)))
    seed = int(rng.integers(2**31))
    model = KMeans(n_clusters, n_init=1, max_iter=20, random_state=seed)
    model.fit(rows, sample_weight=score[unsure] + 1e-9)  # k-means takes no rows that all weigh nothing
    apart, chosen = squared_distances(rows, model.cluster_centers_), list[int]()
    for cluster in range(n_clusters):
        chosen.append(int(apart[:, cluster].argmin()))
        apart[chosen[-1]] = np.inf
    rest = np.setdiff1d(np.arange(len(unsure)), chosen)
    return np.asarray(unsure[np.concatenate([np.sort(chosen), rest])][:n], dtype=np.int64)
