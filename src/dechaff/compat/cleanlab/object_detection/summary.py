"""cleanlab's ``object_detection.summary``: how many boxes there are, of which sizes and classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dechaff.api.labels.box import find_box_errors
from dechaff.errors import InputError
from dechaff.methods.object_detection.box_doubts import box_overlap

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


def get_average_per_class_confusion_matrix(
    labels: Any, predictions: Any, num_procs: int = 1, class_names: Classes | None = None
) -> dict[Any, dict[str, float]]:
    """For each class the numbers of found boxes (TP), other detections (FP) and overlooked boxes (FN), averaged over
    the least overlaps .5, .55 … .95 that count as found, and divided by the number of classes, as in cleanlab."""
    n_classes = len(predictions[0])
    names = range(n_classes) if class_names is None else [class_names[str(code)] for code in range(n_classes)]
    counts = np.zeros((n_classes, 3))
    for image in find_box_errors(labels, predictions).images:
        for code in range(n_classes):
            counts[code] += _matched(image.detected[image.detected_classes == code], image.boxes[image.classes == code])
    average = counts / len(_LEAST_OVERLAPS) / n_classes
    return {
        name: dict(zip(("TP", "FP", "FN"), row, strict=True)) for name, row in zip(names, average.tolist(), strict=True)
    }


def calculate_per_class_metrics(
    labels: Any, predictions: Any, num_procs: int = 1, class_names: Classes | None = None
) -> dict[Any, dict[str, float]]:
    """Precision, recall and F1 of the detections of each class, from the numbers of the same average."""
    counts = get_average_per_class_confusion_matrix(labels, predictions, class_names=class_names)
    return {
        name: {
            "average precision": one["TP"] / max(one["TP"] + one["FP"], _TINY),
            "average recall": one["TP"] / max(one["TP"] + one["FN"], _TINY),
            "average f1": 2 * one["TP"] / max(2 * one["TP"] + one["FP"] + one["FN"], _TINY),
        }
        for name, one in counts.items()
    }


_LEAST_OVERLAPS = np.linspace(0.5, 0.95, 10)
_TINY = float(np.finfo(np.float64).tiny)


def _matched(detected: Any, given: Any) -> Any:
    """(3,) boxes that a detection overlaps more than all others, the other detections, and the other boxes; the sums
    over the least overlaps."""
    found = 0
    if len(given) and len(detected):
        overlaps = box_overlap(detected, given)
        nearest, overlap = overlaps.argmax(axis=1), overlaps.max(axis=1)
        found = sum(len(np.unique(nearest[overlap >= least])) for least in _LEAST_OVERLAPS)
    return np.array([0, len(detected), len(given)]) * len(_LEAST_OVERLAPS) + np.array([found, -found, -found])


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
