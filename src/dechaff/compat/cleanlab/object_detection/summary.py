"""cleanlab's ``object_detection.summary``: how many boxes there are, of which sizes and classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dechaff.api.labels.box import find_box_errors
from dechaff.errors import InputError

Classes = Mapping[Any, Any]


def object_counts_per_image(
    labels: Any = None, predictions: Any = None, *, auxiliary_inputs: Any = None
) -> tuple[list[int], list[int]]:
    """Numbers of given boxes and of detections in each image."""
    given, seen = _boxes(labels, predictions, auxiliary_inputs)
    return [len(boxes) for boxes, _ in given], [len(boxes) for boxes, _ in seen]


def bounding_box_size_distribution(
    labels: Any = None,
    predictions: Any = None,
    *,
    auxiliary_inputs: Any = None,
    class_names: Classes | None = None,
    sort: bool = False,
) -> tuple[dict[Any, list[float]], dict[Any, list[float]]]:
    """Areas of the given boxes and of the detections of each class."""
    given, seen = (_areas(boxes, class_names, sort=sort) for boxes in _boxes(labels, predictions, auxiliary_inputs))
    return given, seen


def class_label_distribution(
    labels: Any = None, predictions: Any = None, *, auxiliary_inputs: Any = None, class_names: Classes | None = None
) -> tuple[dict[Any, float], dict[Any, float]]:
    """Fractions of the classes among the given boxes, and among the detections."""
    given, seen = (_areas(boxes, class_names) for boxes in _boxes(labels, predictions, auxiliary_inputs))
    return _fractions(given), _fractions(seen)


def get_sorted_bbox_count_idxs(labels: Any, predictions: Any) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Images with their numbers of given boxes, and of detections, the most first."""
    given, seen = (
        sorted(enumerate(counts), key=lambda one: -one[1]) for counts in object_counts_per_image(labels, predictions)
    )
    return given, seen


def _boxes(labels: Any, predictions: Any, auxiliary_inputs: Any) -> tuple[list[Any], list[Any]]:
    if auxiliary_inputs is not None:
        fix = "Pass labels and predictions."
        raise InputError("auxiliary_inputs", "be left out", type(auxiliary_inputs).__name__, fix)
    images = find_box_errors(labels, predictions).images
    return [(one.boxes, one.classes) for one in images], [(one.detected, one.detected_classes) for one in images]


def _areas(images: list[Any], class_names: Classes | None, *, sort: bool = False) -> dict[Any, list[float]]:
    areas: dict[Any, list[float]] = {}
    for boxes, codes in images:
        for code, area in zip(codes.tolist(), np.prod(boxes[:, 2:] - boxes[:, :2], axis=1).tolist(), strict=True):
            if class_names is None or str(code) in class_names:
                areas.setdefault(code if class_names is None else class_names[str(code)], []).append(area)
    return dict(sorted(areas.items(), key=lambda one: -len(one[1]))) if sort else areas


def _fractions(areas: dict[Any, list[float]]) -> dict[Any, float]:
    total = sum(map(len, areas.values()))
    return {name: round(len(one) / max(total, 1), 2) for name, one in areas.items()}
