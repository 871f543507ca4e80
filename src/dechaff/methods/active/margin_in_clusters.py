"""Uncertain rows in different parts of the pool."""

from __future__ import annotations

import numpy as np

from dechaff.methods.active.typical_rows import clusters_of
from dechaff.methods.active.uncertain import margin_score
from dechaff.methods.active.view import PoolView
from dechaff.typing import Rows


def margin_in_clusters(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """The most uncertain row by margin in each of n clusters, the most uncertain first.

    Parameters
    ----------
    view : PoolView of n rows, with probabilities
    n : how many, at most the rows of the pool
    rng : where clusters start

    Returns
    -------
    (m,) int
        Positions in the pool, the first to label in front.

    Source
    ------
    Citovsky and others (2021), Batch active learning at scale, NeurIPS (Cluster-Margin), section 3. There rows of
    small clusters come first, in turn; here each of n clusters of the pool gives one row.

    Examples
    --------
    >>> rows = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> probs = np.array([[0.5, 0.5], [0.6, 0.4], [0.9, 0.1], [0.8, 0.2]])
    >>> margin_in_clusters(PoolView(rows, rows[:0], probs), 2, np.random.default_rng(0))
    array([0, 3])
    """
    assert view.probs is not None
    score = margin_score(view.probs)
    order = np.argsort(-score, kind="stable")
    cluster = clusters_of(view.features, min(n, len(score)), rng)[order]
    _, first = np.unique(cluster, return_index=True)
    firsts = np.sort(first)
    rest = np.setdiff1d(np.arange(len(order)), firsts)
    return np.asarray(order[np.concatenate([firsts, rest])][:n], dtype=np.int64)
