"""Outliers and rows of negative value: kinds of issues based on the nearest rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.compat.cleanlab.data_valuation import data_shapley_knn
from dechaff.compat.cleanlab.datalab.issues import Inputs, Issues
from dechaff.compat.cleanlab.near_rows import USUAL_K, near_rows_of
from dechaff.compat.cleanlab.outlier import OutOfDistribution
from dechaff.errors import InputError
from dechaff.methods.outliers.neighbour_distance import distance_doubt, usual_distance

FAR, UNSURE = 0.37037, 0.13
"""Thresholds of cleanlab's: 1 / FAR - 1 = 1.7 ranges between the quartiles beyond the upper one; a fraction of the
median score of probabilities."""


def outlier(
    rows: Inputs,
    *,
    k: int = USUAL_K,
    t: float = 1.0,
    metric: str | None = None,
    threshold: float | None = None,
    **params: Any,
) -> Issues:
    """Rows that are far from their nearest rows; without features, rows with uninformative predictions."""
    if threshold is not None and not 0 < threshold <= 1:
        raise InputError("threshold", "be above 0 and at most 1", str(threshold), "Leave it out to use the default.")
    if rows.features is None and rows.knn_graph is None:
        return _by_probs(rows, UNSURE if threshold is None else threshold, params)
    share = FAR if threshold is None else threshold
    near, known = near_rows_of(rows, k, metric)
    mean = near.distance.mean(axis=1)
    lower, upper = np.quantile(mean, [0.25, 0.75]) if len(mean) else (0.0, 0.0)
    limit = float(upper + (1 / share - 1) * (upper - lower))
    usual = usual_distance(mean)
    # Rows with missing values are not compared, and not flagged.
    score, flag = np.full(len(known), np.nan), np.zeros(len(known), dtype=bool)
    score[known], flag[known] = 1 - distance_doubt(mean, usual=usual, sharpness=t), mean > limit
    average = float(np.nanmean(score)) if known.any() else 1.0
    info = {"average_ood_score": average, "threshold": share, "issue_threshold": limit, "scaling_factor": usual}
    return Issues(flag, score, average, {**info, "k": near.ids.shape[1], "t": t})


def _by_probs(rows: Inputs, threshold: float, params: dict[str, Any]) -> Issues:
    params = {"adjust_pred_probs": rows.labels is not None, **params}
    score = OutOfDistribution(params).fit_score(pred_probs=rows.probs, labels=rows.labels)
    limit = threshold * float(np.median(score)) if len(score) else 0.0
    average = float(score.mean()) if len(score) else 1.0
    info = {"average_ood_score": average, "threshold": threshold, "issue_threshold": limit}
    return Issues(score < limit, score, average, info)


def data_valuation(rows: Inputs, *, k: int = USUAL_K, metric: str | None = None, threshold: float = 0.5) -> Issues:
    """Rows that do harm to a model of the nearest rows."""
    score = data_shapley_knn(
        rows.labels,
        features=rows.features if rows.knn_graph is None else None,
        knn_graph=rows.knn_graph,
        metric=metric,
        k=k,
    )
    average = float(score.mean())
    flag = score < threshold
    info = {
        "num_low_valuation_issues": int(flag.sum()),
        "average_data_valuation": average,
        "threshold": threshold,
        "k": k,
    }
    return Issues(flag, score, average, info)
