"""cleanlab's ``object_detection.rank``: quality of images and boxes, 0 = worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.api.labels.box import find_box_errors
from dechaff.compat.cleanlab.multilabel_classification.rank import softmin
from dechaff.errors import InputError
from dechaff.typing import Score

_KINDS = {"overlooked": "overlooked", "badloc": "badly_located", "swap": "swapped"}
_LEAST = 1e-100


def get_label_quality_scores(
    labels: Any,
    predictions: Any,
    *,
    aggregation_weights: Mapping[str, float] | None = None,
    overlapping_label_check: bool = True,
    verbose: bool = True,
) -> Score:
    """Quality (n,) of each image, of its worst box; with weights, the product of the kinds, each to its weight."""
    found = find_box_errors(labels, predictions)
    if aggregation_weights is None:
        return 1 - found.score
    weights = dict(aggregation_weights)
    if not set(weights) <= set(_KINDS) or min(weights.values()) < 0 or not np.isclose(sum(weights.values()), 1):
        must = f"have weights of {', '.join(_KINDS)} that sum to 1"
        raise InputError("aggregation_weights", must, repr(weights), "Leave them out.")
    pooled = {kind: pool_box_scores_per_image(_quality(found.doubts, kind)) for kind in weights}
    logs = sum(weight * np.log(np.maximum(pooled[kind], _LEAST)) for kind, weight in weights.items())
    return np.asarray(np.exp(logs))


def issues_from_scores(label_quality_scores: Any, *, threshold: float = 0.1) -> npt.NDArray[np.int64]:
    """Images of this quality or less, the worst first."""
    if threshold > 1:
        raise InputError("threshold", "be at most 1", str(threshold), "Quality is from 0 to 1.")
    quality = np.asarray(label_quality_scores)
    rows = np.argsort(quality, kind="stable")
    return rows[quality[rows] <= threshold]


def pool_box_scores_per_image(box_scores: Any, *, temperature: float | None = None) -> Score:
    """(n,) soft least of the boxes' quality in each image; 1 without boxes."""
    heat = 0.1 if temperature is None else temperature
    known = [np.asarray(one)[~np.isnan(one)] for one in box_scores]
    return np.array([float(softmin(one[None], temperature=heat)[0]) if len(one) else 1.0 for one in known])


def compute_overlooked_box_scores(
    *,
    labels: Any = None,
    predictions: Any = None,
    alpha: float | None = None,
    high_probability_threshold: float | None = None,
    auxiliary_inputs: Any = None,
) -> list[Score]:
    """Quality of each detection of each image; the lower, the likelier an object without a label."""
    _refuse(alpha=alpha, high_probability_threshold=high_probability_threshold, auxiliary_inputs=auxiliary_inputs)
    return _quality(find_box_errors(labels, predictions).doubts, "overlooked")


def compute_badloc_box_scores(
    *,
    labels: Any = None,
    predictions: Any = None,
    alpha: float | None = None,
    low_probability_threshold: float | None = None,
    auxiliary_inputs: Any = None,
) -> list[Score]:
    """Quality of each given box of each image; the lower, the likelier badly located."""
    _refuse(alpha=alpha, low_probability_threshold=low_probability_threshold, auxiliary_inputs=auxiliary_inputs)
    return _quality(find_box_errors(labels, predictions).doubts, "badloc")


def compute_swap_box_scores(
    *,
    labels: Any = None,
    predictions: Any = None,
    alpha: float | None = None,
    high_probability_threshold: float | None = None,
    overlapping_label_check: bool = True,
    auxiliary_inputs: Any = None,
) -> list[Score]:
    """Quality of each given box of each image; the lower, the likelier of another class."""
    _refuse(alpha=alpha, high_probability_threshold=high_probability_threshold, auxiliary_inputs=auxiliary_inputs)
    return _quality(find_box_errors(labels, predictions).doubts, "swap")


def _quality(doubts: Any, kind: str) -> list[Score]:
    return [1 - getattr(one, _KINDS[kind]) for one in doubts]


def _refuse(**options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError(name, "be left out", repr(value), "How far a detector can be trusted is measured here.")
