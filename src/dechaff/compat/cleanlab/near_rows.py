"""The nearest rows as cleanlab measures them: by the angle in more than three columns, by the distance in fewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import Inputs, chosen
from dechaff.core.neighbours import cosine_rows, euclidean_rows, nearest
from dechaff.core.neighbours.comparable import Comparable
from dechaff.errors import InputError
from dechaff.typing import Axes

FEW_COLUMNS = 3
_METRICS: dict[str, Callable[[npt.NDArray[Any]], Comparable]] = {"cosine": cosine_rows, "euclidean": euclidean_rows}


def usual_metric(features: npt.NDArray[Any]) -> str:
    """What cleanlab compares such rows by."""
    return "cosine" if features.shape[1] > FEW_COLUMNS else "euclidean"


def read_features(features: Any) -> npt.NDArray[Any]:
    """An (n, d) array of finite numbers."""
    array = np.asarray(features)
    if array.ndim != 2 or array.dtype.kind not in "fiub":
        found, fix = f"shape {array.shape} of {array.dtype}", "Turn texts and categories into numbers first."
        raise InputError("features", "be a table of numbers, one row per example", found, fix)
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        found = f"{array[bad[0]][:6]} in row {bad[0]} ({len(bad)} such rows)"
        raise InputError("features", "be finite", found, "Fill or leave out such columns.")
    return array


@dataclass(frozen=True)
class NearRows:
    """The nearest rows of each row and how far they are, the nearest first."""

    ids: Annotated[npt.NDArray[np.int64], Axes("n k")]
    distance: Annotated[npt.NDArray[np.float64], Axes("n k")]


def nearest_by_metric(
    features: npt.NDArray[Any], k: int, *, metric: str, queries: npt.NDArray[Any] | None = None
) -> NearRows:
    """The k nearest rows of each row, or of each query; a row without a direction is one away from all."""
    rows_of = chosen(_METRICS, metric, "metric")
    others = max(len(features) - (queries is None), 0)
    if not 1 <= k <= others:
        found = f"{k}, and {others} rows to choose from"
        raise InputError("k", "be at least 1, and no more than there are other rows", found, "Take a smaller k.")
    found_rows = nearest(rows_of(features), k, queries=queries)
    alike = found_rows.similarity
    return NearRows(found_rows.ids, -alike if metric == "euclidean" else np.where(np.isnan(alike), 1.0, 1 - alike))


def nearest_in_graph(graph: Any, k: int) -> NearRows:
    """The same from a sparse matrix (n, n) of distances; of equally near rows the lower one."""
    if not hasattr(graph, "tocsr"):
        fix = "Pass, for example, sklearn.neighbors.kneighbors_graph(features, k, mode='distance')."
        raise InputError("knn_graph", "be a sparse matrix of distances", type(graph).__name__, fix)
    rows = graph.tocsr()
    counts = np.diff(rows.indptr)
    few = np.flatnonzero(counts < k)
    if len(few) or k < 1:
        found = f"{counts[few[0]]} in row {few[0]} ({len(few)} such rows)" if len(few) else f"k={k}"
        raise InputError("knn_graph", f"contain k={k} neighbours of each row, k at least 1", found, "Take a smaller k.")
    of_row = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rows.indices, rows.data, of_row))
    first = order[rows.indptr[:-1, None] + np.arange(k)]
    return NearRows(rows.indices[first].astype(np.int64), rows.data[first].astype(np.float64))


USUAL_K = 10


def near_rows_of(rows: Inputs, k: int, metric: str | None) -> tuple[NearRows, npt.NDArray[np.bool_]]:
    """Up to k neighbours of the rows without gaps, and which these are."""
    if rows.knn_graph is not None:
        return nearest_in_graph(rows.knn_graph, k), np.ones(rows.knn_graph.shape[0], dtype=bool)
    assert rows.features is not None
    if k < 1:
        raise InputError("k", "be at least 1", str(k), "Leave it out to use the default.")
    kind = rows.features.dtype.kind
    known = np.isfinite(rows.features).all(axis=1) if kind == "f" else np.ones(len(rows.features), dtype=bool)
    features = read_features(rows.features[known])
    k = min(k, len(features) - 1)
    if k < 1:
        return NearRows(np.zeros((len(features), 1), dtype=np.int64), np.zeros((len(features), 1))), known
    return nearest_by_metric(features, k, metric=usual_metric(features) if metric is None else metric), known


def near_graph(rows: Inputs, k: int, metric: str | None) -> Any:
    """(n, n) sparse: how far the nearest rows are from each row."""
    from scipy.sparse import csr_array

    if rows.knn_graph is not None:
        return rows.knn_graph.tocsr()
    near, known = near_rows_of(rows, k, metric)
    places = np.flatnonzero(known)
    start = np.repeat(places, near.ids.shape[1])
    return csr_array((near.distance.ravel(), (start, places[near.ids.ravel()])), shape=(len(known), len(known)))
