"""The strategy for those who choose none: typical rows while labels are few, then uncertain ones."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from dechaff.methods.active.margin_in_clusters import margin_in_clusters
from dechaff.methods.active.typical_rows import typical_rows
from dechaff.methods.active.view import PoolView
from dechaff.typing import Features, Mask, Rows

LABELS_PER_CLASS = 8
"""With fewer labels than this, a model's uncertainty says little."""
NEIGHBOURS = 10
OUTER_FENCE = 3.0
LEAST_RATIO = 2.0
"""Rows whose distance is less than twice the upper quartile are never far."""


def auto(view: PoolView, n: int, rng: np.random.Generator) -> Rows:
    """Typical rows as long as there is no model or fewer than 8 labels a class; then uncertain rows of all clusters.

    Outliers come last: a model is unsure about them, but their labels teach it little about other rows.

    Parameters and result as in `random_rows`. ``rng`` decides where clusters start.

    Source
    ------
    Hacohen, Dekel, Weinshall (2022), Active learning on a budget, ICML: typical rows suit small budgets and uncertain
    ones large budgets. When to change, and that outliers come last, is ours.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(50, 2))
    >>> rows[7] = 99.0
    >>> probs = np.full((50, 2), 0.5)
    >>> 7 in auto(PoolView(rows, rows[:20], probs), 49, np.random.default_rng(0))
    False
    """
    far = far_rows(view.features)
    usual, odd = np.flatnonzero(~far), np.flatnonzero(far)
    few = view.probs is None or len(view.labelled) < LABELS_PER_CLASS * view.probs.shape[1]
    strategy = typical_rows if few else margin_in_clusters
    chosen = usual[strategy(view.take(usual), min(n, len(usual)), rng)]
    return np.concatenate([chosen, odd[: n - len(chosen)]])


def far_rows(rows: Features) -> Mask:
    """(n,) rows far from their 10 nearest: the log of the mean distance is beyond the outer fence.

    Source
    ------
    Tukey (1977), Exploratory data analysis, chapter 2 (the outer fence). Differs: at least twice the upper quartile.

    Examples
    --------
    >>> np.flatnonzero(far_rows(np.append(np.arange(40.0), 9999.0)[:, None]))
    array([40])
    """
    if len(rows) <= NEIGHBOURS:
        return np.zeros(len(rows), dtype=bool)
    near = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(rows)
    distance = near.kneighbors()[0].mean(axis=1)
    low, high = np.quantile(distance, [0.25, 0.75])
    if low == 0:  # where rows repeat, those that do not are no outliers
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(distance > high * max((high / low) ** OUTER_FENCE, LEAST_RATIO))
