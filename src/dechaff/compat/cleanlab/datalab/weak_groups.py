"""Groups of rows in which a model does badly."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.compat.cleanlab.datalab.issues import Inputs, Issues
from dechaff.compat.cleanlab.datalab.near_graph import USUAL_K, near_graph

LEAST_OF_A_GROUP = 5


def underperforming_group(
    rows: Inputs,
    *,
    cluster_ids: Any = None,
    k: int = USUAL_K,
    metric: str | None = None,
    threshold: float = 0.1,
) -> Issues:
    """The group of rows in which given labels are least probable, where that is far below all groups together.

    The score is the ratio of a group to all groups, 1 where it is no worse. Groups of less than five rows do not count.
    """
    assert rows.labels is not None
    assert rows.probs is not None
    groups = _clusters(rows, k, metric) if cluster_ids is None else np.asarray(cluster_ids)
    check_same_length(labels=rows.labels, cluster_ids=groups)
    names, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    large = (sizes >= LEAST_OF_A_GROUP) & (names != -1)
    quality = rows.probs[np.arange(len(groups)), rows.labels].astype(np.float64)
    among = quality[large[group]].mean() if large.any() else 1.0
    means = np.bincount(group, quality, len(names)) / sizes
    ratio = np.where(large, np.minimum(means / max(among, np.finfo(np.float64).tiny), 1.0), 1.0)
    worst = float(ratio.min(initial=1.0))
    flag = (ratio == worst)[group] & (worst < threshold)
    info = {"threshold": threshold, "n_clusters": int(large.sum()), "cluster_ids": groups}
    return Issues(flag, ratio[group], worst, info)


def _clusters(rows: Inputs, k: int, metric: str | None) -> npt.NDArray[np.int64]:
    """(n,) dense parts of the graph of nearest rows; -1 = in none."""
    from sklearn.cluster import DBSCAN

    return np.asarray(DBSCAN(metric="precomputed").fit_predict(near_graph(rows, k, metric)), dtype=np.int64)
