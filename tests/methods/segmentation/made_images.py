"""Segmented images, some of them labelled wrongly on purpose, and what a model sees in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

KINDS = ("dropped", "swapped", "shifted")


@dataclass(frozen=True)
class MadeImages:
    labels: np.ndarray
    probs: np.ndarray
    true: np.ndarray
    kind: np.ndarray
    """(n,) the error of each image; '' if there is none."""

    @property
    def wrong(self) -> np.ndarray:
        return (self.labels != self.true).any(axis=(1, 2))


def made_images(seed: int, n: int, *, side: int = 48, k: int = 5, rate: float = 0.25) -> MadeImages:
    """Ellipses of k - 1 classes on a background. The model is unsure at borders, and mistakes 15 % of the objects, of
    which it is less sure."""
    rng = np.random.default_rng(seed)
    labels, true = np.zeros((2, n, side, side), dtype=np.int64)
    probs, kinds = np.zeros((n, k, side, side), dtype=np.float32), []
    for place in range(n):
        shapes = [_ellipse(rng, side) for _ in range(rng.integers(2, 5))]
        classes = rng.integers(1, k, len(shapes))
        kind = str(rng.choice(KINDS)) if rng.random() < rate else ""
        kinds.append(kind)
        true[place] = _painted(shapes, classes.tolist(), side)
        labels[place] = _painted(*_with_error(rng, shapes, classes.tolist(), k, kind), side)
        probs[place] = _seen(rng, shapes, classes.tolist(), k, side)
    return MadeImages(labels, probs, true, np.array(kinds))


def _ellipse(rng: np.random.Generator, side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - rng.uniform(0.1 * side, 0.9 * side, (2, 1, 1))
    turn, (a, b) = rng.uniform(0, np.pi), rng.uniform(side / 16, side / 5, 2)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return np.asarray((u / a) ** 2 + (v / b) ** 2 < 1)


def _painted(shapes: list[np.ndarray], classes: list[int], side: int) -> np.ndarray:
    image = np.zeros((side, side), dtype=np.int64)
    for shape, code in zip(shapes, classes, strict=True):
        image[shape] = code
    return image


def _with_error(
    rng: np.random.Generator, shapes: list[np.ndarray], classes: list[int], k: int, kind: str
) -> tuple[list[np.ndarray], list[int]]:
    one, shapes, classes = int(rng.integers(len(shapes))), list(shapes), list(classes)
    if kind == "dropped":
        del shapes[one], classes[one]
    elif kind == "swapped":
        classes[one] = 1 + (classes[one] - 1 + int(rng.integers(1, k - 1))) % (k - 1)
    elif kind == "shifted":
        shapes[one] = np.roll(shapes[one], int(rng.integers(3, 6) * rng.choice([-1, 1])), axis=int(rng.integers(2)))
    return shapes, classes


def _seen(rng: np.random.Generator, shapes: list[np.ndarray], classes: list[int], k: int, side: int) -> np.ndarray:
    right = rng.random(len(classes)) > 0.15
    named = [code if fine else int(rng.integers(0, k)) for code, fine in zip(classes, right, strict=True)]
    sure = np.full((side, side), 6.0)
    for shape, code, other in zip(shapes, classes, named, strict=True):
        sure[shape] = 6 * (rng.uniform(0.3, 1.2) if code == other else rng.uniform(0.2, 0.8))
    soft = gaussian_filter(np.eye(k)[_painted(shapes, named, side)], (*rng.uniform(0.8, 2, 1).repeat(2), 0))
    cloud = gaussian_filter(rng.normal(size=(side, side, k)), (1.5, 1.5, 0))
    logits = soft * sure[..., None] + 1.5 * cloud + 0.3 * rng.normal(size=(side, side, k))
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    return np.moveaxis(odds / odds.sum(axis=2, keepdims=True), 2, 0)
