"""cleanlab's ``regression.rank``: quality of each number to be predicted, 0 = worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dechaff.checks import check_same_length, refuse_cells
from dechaff.compat.cleanlab.arguments import chosen
from dechaff.errors import InputError
from dechaff.methods.outliers.scores import distance_doubt, usual_distance
from dechaff.typing import Numbers, Score

RESIDUAL_WEIGHT, FRACTION_NEAR, CHUNK = 5.0, 0.5, 256
_TINY = 1e-100


def get_label_quality_scores(labels: Any, predictions: Any, *, method: str = "outre") -> Score:
    """Quality (n,) of each label."""
    quality = chosen(_QUALITY, method, "method")
    given, expected = numbers(labels, "labels"), numbers(predictions, "predictions")
    check_same_length(labels=given, predictions=expected)
    return quality(given, expected)


def numbers(values: Any, name: str) -> Numbers:
    """(n,) finite numbers."""
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "fiub":
        found = f"shape {array.shape} of {array.dtype}"
        raise InputError(name, "be one number for each row", found, "Pass one axis of numbers.")
    refuse_cells(~np.isfinite(array), array, name, "be finite", "Leave those rows out.")
    return array.astype(np.float64)


def _outre(labels: Numbers, predictions: Numbers) -> Score:
    """By the mean distance to the nearer half of the rows, in labels and residuals."""
    residual = predictions - labels
    points = np.stack([_standard(labels), RESIDUAL_WEIGHT * _standard(residual)], axis=1)
    k = int(np.ceil(FRACTION_NEAR * len(points)))
    # In chunks: all distances together are n * n numbers.
    means = [_mean_of_nearest(points[start : start + CHUNK], points, k) for start in range(0, len(points), CHUNK)]
    distance = np.concatenate(means) if means else np.zeros(0)
    return 1 - distance_doubt(distance, usual=usual_distance(distance), sharpness=1.0)


def _mean_of_nearest(some: Any, points: Any, k: int) -> Numbers:
    apart = np.sqrt(((some[:, None] - points) ** 2).sum(axis=2))
    return np.asarray(np.partition(apart, k - 1, axis=1)[:, :k].mean(axis=1))


def _standard(values: Numbers) -> Numbers:
    return np.asarray((values - values.mean()) / (values.std() + _TINY)) if len(values) else values


_QUALITY: dict[str, Callable[[Numbers, Numbers], Score]] = {
    "outre": _outre,
    "residual": lambda labels, predictions: np.exp(-np.abs(predictions - labels)),
}
