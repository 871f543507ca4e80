"""The nearest rows of a data set, by its features or by a graph that was handed in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.datalab.issues import Inputs
from dechaff.compat.cleanlab.near_rows import NearRows, nearest_in_graph, nearest_rows, read_features, usual_metric
from dechaff.errors import InputError

USUAL_K = 10


def near_rows_of(rows: Inputs, k: int, metric: str | None) -> tuple[NearRows, npt.NDArray[np.bool_]]:
    """Up to k neighbours of the rows without gaps, and which these are."""
    if rows.knn_graph is not None:
        return nearest_in_graph(rows.knn_graph, k), np.ones(rows.knn_graph.shape[0], dtype=bool)
    assert rows.features is not None
    if k < 1:
        raise InputError("k", "be at least 1", str(k), "Leave it out, as a rule.")
    kind = rows.features.dtype.kind
    known = np.isfinite(rows.features).all(axis=1) if kind == "f" else np.ones(len(rows.features), dtype=bool)
    features = read_features(rows.features[known])
    k = min(k, len(features) - 1)
    if k < 1:
        return NearRows(np.zeros((len(features), 1), dtype=np.int64), np.zeros((len(features), 1))), known
    return nearest_rows(features, k, metric=usual_metric(features) if metric is None else metric), known


def near_graph(rows: Inputs, k: int, metric: str | None) -> Any:
    """(n, n) sparse: how far the nearest rows are from each row."""
    from scipy.sparse import csr_array

    if rows.knn_graph is not None:
        return rows.knn_graph.tocsr()
    near, known = near_rows_of(rows, k, metric)
    places = np.flatnonzero(known)
    start = np.repeat(places, near.ids.shape[1])
    return csr_array((near.distance.ravel(), (start, places[near.ids.ravel()])), shape=(len(known), len(known)))
