"""cleanlab's ``multilabel_classification.rank``: quality of rows and of each of their labels, 0 = worst."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import chosen
from dechaff.compat.cleanlab.internal.multilabel_utils import as_binary
from dechaff.compat.cleanlab.rank import get_label_quality_scores as quality_of_classes
from dechaff.errors import InputError
from dechaff.typing import Features, Score


def get_label_quality_scores(
    labels: Any,
    pred_probs: Any,
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    aggregator_kwargs: Mapping[str, Any] | None = None,
) -> Score:
    """Quality (n,) of each row, most of all that of its worst label."""
    options = dict(aggregator_kwargs or {"method": "exponential_moving_average", "alpha": 0.8})
    aggregate = options.pop("method", None)
    quality = get_label_quality_scores_per_class(labels, pred_probs, method=method, adjust_pred_probs=adjust_pred_probs)
    pooled = aggregate if callable(aggregate) else chosen(_AGGREGATE, aggregate, "aggregator_kwargs['method']")
    return np.asarray(pooled(quality, **options))


def get_label_quality_scores_per_class(
    labels: Any, pred_probs: Any, *, method: str = "self_confidence", adjust_pred_probs: bool = False
) -> Features:
    """Quality (n, k) of each label of each row, there or not there."""
    columns = [
        quality_of_classes(given, probs, method=method, adjust_pred_probs=adjust_pred_probs)
        for given, probs in as_binary(labels, pred_probs)
    ]
    return np.stack(columns, axis=1)


def _moving_average(quality: Features, *, alpha: float | None = None) -> Score:
    """Of the labels from best to worst, so that the worst counts most."""
    alpha = 2 / (quality.shape[1] + 1) if alpha is None else alpha
    if not 0 <= alpha <= 1:
        raise InputError("alpha", "be from 0 to 1", str(alpha), "Leave it out to use the default.")
    best_first = -np.sort(-quality, axis=1).T
    average = best_first[0]
    for column in best_first[1:]:
        average = alpha * column + (1 - alpha) * average
    return np.asarray(average)


def softmin(quality: Features, *, temperature: float = 0.1) -> Score:
    """(n,) mean of each row's cells with weights ``exp((1 - quality) / temperature)``: nearly the least."""
    weights = np.exp((quality.min(axis=1, keepdims=True) - quality) / temperature)
    return np.asarray((quality * weights).sum(axis=1) / weights.sum(axis=1))


_AGGREGATE: dict[str, Callable[..., Score]] = {"exponential_moving_average": _moving_average, "softmin": softmin}
