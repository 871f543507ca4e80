"""Images with boxes, some of them wrong on purpose, and what a detector sees in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

KINDS = ("overlooked", "badly located", "swapped")


@dataclass(frozen=True)
class MadeBoxes:
    labels: list[dict[str, Any]]
    predictions: list[list[np.ndarray]]
    kind: np.ndarray
    """(n,) the error of each image; '' if there is none."""

    @property
    def wrong(self) -> np.ndarray:
        return self.kind != ""


def made_boxes(seed: int, n: int, *, k: int = 4, rate: float = 0.2, most_confident: float = 0.999) -> MadeBoxes:
    rng = np.random.default_rng(seed)
    labels, predictions, kinds = [], [], []
    for _ in range(n):
        m = int(rng.integers(1, 7))
        boxes, classes = _boxes(rng, m), rng.integers(0, k, m)
        predictions.append(_detections(rng, boxes, classes, k, most_confident))
        kind = str(rng.choice(KINDS)) if rng.random() < rate else ""
        kinds.append(kind)
        labels.append(_with_error(rng, boxes.copy(), classes.copy(), k, kind))
    return MadeBoxes(labels, predictions, np.array(kinds))


def _boxes(rng: np.random.Generator, m: int) -> np.ndarray:
    size, corner = np.exp(rng.uniform(np.log(15), np.log(120), (m, 2))), rng.uniform(0, 400, (m, 2))
    return np.hstack([corner, corner + size])


def _with_error(rng: np.random.Generator, boxes: np.ndarray, classes: np.ndarray, k: int, kind: str) -> dict[str, Any]:
    one = int(rng.integers(len(boxes)))
    if kind == "overlooked":
        boxes, classes = np.delete(boxes, one, 0), np.delete(classes, one)
    elif kind == "swapped":
        classes[one] = (classes[one] + rng.integers(1, k)) % k
    elif kind == "badly located":
        moved = rng.choice([-1, 1], 2) * rng.uniform(0.25, 0.5, 2) * (boxes[one, 2:] - boxes[one, :2])
        boxes[one] += np.tile(moved, 2)
    return {"bboxes": boxes, "labels": classes}


def _detections(
    rng: np.random.Generator, boxes: np.ndarray, classes: np.ndarray, k: int, most: float
) -> list[np.ndarray]:
    seen = rng.random(len(boxes)) > 0.12
    right = rng.random(len(boxes)) > 0.07
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    found = boxes + rng.normal(size=boxes.shape) * 0.06 * size
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    named = np.where(right, classes, rng.integers(0, k, len(boxes)))
    sure = np.where(named == classes, rng.beta(6, 1.2, len(boxes)), rng.beta(2.5, 2, len(boxes)))
    phantoms = int(rng.poisson(1.5))
    rows = np.vstack([found[seen], _boxes(rng, phantoms)])
    codes = np.concatenate([named[seen], rng.integers(0, k, phantoms)])
    confidence = most * np.concatenate([sure[seen], rng.beta(1.2, 3, phantoms)])
    table = np.column_stack([rows, confidence])
    return [table[codes == code] for code in range(k)]
