"""The nearest rows as cleanlab measures them: by the angle in more than three columns, by the distance in fewer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import chosen
from dechaff.core.neighbours import Nearest, cosine_rows, euclidean_rows, nearest
from dechaff.core.neighbours.comparable import Comparable
from dechaff.errors import InputError

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
        raise InputError("features", "be a table of numbers, one row an example", found, fix)
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        found = f"{array[bad[0]][:6]} in row {bad[0]} ({len(bad)} such rows)"
        raise InputError("features", "be finite", found, "Fill or leave out such columns.")
    return array


def nearest_rows(
    features: npt.NDArray[Any], k: int, *, metric: str, queries: npt.NDArray[Any] | None = None
) -> Nearest:
    """The k nearest rows of each row, or of each query."""
    rows_of = chosen(_METRICS, metric, "metric")
    others = len(features) - (queries is None)
    if not 1 <= k <= others:
        found = f"{k}, and {others} rows to choose from"
        raise InputError("k", "be at least 1, and no more than there are other rows", found, "Take a smaller k.")
    return nearest(rows_of(features), k, queries=queries)


def mean_distance(found: Nearest, *, metric: str) -> npt.NDArray[np.float64]:
    """(n,) of each row to its neighbours; a row without a direction is one away from all."""
    if metric == "euclidean":
        return np.asarray(-found.similarity.mean(axis=1))
    return np.asarray(np.where(np.isnan(found.similarity), 1.0, 1 - found.similarity).mean(axis=1))
