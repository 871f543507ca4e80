"""Doubt in each box of one image: objects that were overlooked, boxes in a wrong place, and swapped classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Figures, Labels, Numbers, Score

Boxes = Annotated[npt.NDArray[np.float64], Axes("n four")]
"""x1, y1, x2, y2 of each box, x1 <= x2 and y1 <= y2."""
Overlap = Annotated[npt.NDArray[np.float64], Axes("n m")]
SAME_PLACE = 0.5
"""Least overlap of a detection that is in the place of a label, as in PASCAL VOC."""
SAME_BOX = 0.95
"""Least overlap of two labels that are of one object."""
WEIGHT_OF_OTHERS = 0.1
"""Weight of the doubts of an image but the largest: many small doubts are no error."""
_LEAST = 1e-12


def box_overlap(boxes: Boxes, others: Annotated[npt.NDArray[np.float64], Axes("m four")]) -> Overlap:
    """(n, m) area that two boxes share, over the area that they cover together; 0 for boxes without area."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area, other_area = (np.clip(one[:, 2:] - one[:, :2], 0, None).prod(axis=1) for one in (boxes, others))
    return np.asarray(shared / np.maximum(area[:, None] + other_area - shared, _LEAST))


@dataclass(frozen=True)
class ImageBoxes:
    """The m given boxes of an image, and the n detections of a model that has not learned from it."""

    boxes: Annotated[npt.NDArray[np.float64], Axes("m four")]
    classes: Annotated[npt.NDArray[np.int64], Axes("m")]
    detected: Boxes
    detected_classes: Labels
    trust: Score
    """Probability that each detection is an object of its class."""


@dataclass(frozen=True)
class BoxDoubts:
    """All in [0, 1], higher = look here first."""

    overlooked: Score
    """(n,) of each detection: an object without a label."""
    badly_located: Figures
    """(m,) of each given box: of the right class, but not around its object."""
    swapped: Figures
    """(m,) of each given box: around an object of another class."""
    best: Annotated[npt.NDArray[np.int64], Axes("m")]
    """(m,) the detection that speaks loudest against each given box; -1 if there is none."""

    @property
    def image(self) -> float:
        """Doubt in the image: that of its worst box, and a little of every other one."""
        doubts = np.sort(np.concatenate([self.overlooked, self.badly_located, self.swapped]))[::-1]
        good = np.log1p(-np.minimum(doubts, 1 - _LEAST))
        return float(-np.expm1(good[:1].sum() + WEIGHT_OF_OTHERS * good[1:].sum()))


def usual_miss(overlaps: Numbers) -> float:
    """One minus the middle overlap of the boxes that are detected: how exactly the detector draws boxes."""
    return float(1 - np.median(overlaps)) if len(overlaps) else 0.0


def box_doubts(image: ImageBoxes, *, miss: float) -> BoxDoubts:
    """What is wrong with the boxes of an image.

    A detection of trust t that shares the fraction v of its area with the nearest label is overlooked with
    ``t (1 - v / SAME_PLACE)``, 0 if it is in the place of a label or of a surer detection of the same class. A label
    whose own detection misses it by more than usual is badly located, and one in whose place is an object of another
    class, but none of its own, is swapped; so are two labels of different classes on one object.

    Parameters
    ----------
    image : the given boxes, and the detections
    miss : `usual_miss`

    Source
    ------
    Tkachenko, Thyagarajan, Mueller (2023), ObjectLab, arXiv 2309.00832: the three kinds. Differs: trust measured on the
    data (`detection_trust`) instead of thresholds .5 and .95 of the confidence; the overlap by its usual size instead
    of a distance in pixels, so that scores do not depend on the resolution; an object near a labelled one can be
    overlooked; the image by its worst box instead of a product of means over the kinds.

    Examples
    --------
    >>> one, two = [0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]
    >>> seen = np.array([one, two])
    >>> image = ImageBoxes(np.array([one]), np.array([1]), seen, np.array([0, 1]), np.array([0.9, 0.8]))
    >>> doubts = box_doubts(image, miss=0.1)
    >>> doubts.overlooked, doubts.swapped, round(doubts.image, 2)
    (array([0. , 0.8]), array([0.9]), 0.91)
    """
    overlap = box_overlap(image.boxes, image.detected)
    same = image.classes[:, None] == image.detected_classes
    place = overlap.max(axis=0, initial=0.0)
    overlooked = image.trust * np.clip(1 - place / SAME_PLACE, 0, 1) * ~_repeated(image)
    nearest = np.zeros_like(overlap, dtype=bool)
    if len(image.boxes):
        nearest[np.where(same, overlap, -1.0).argmax(axis=0), np.arange(len(image.detected))] = True
    own = np.where(same & nearest & (overlap > 0), overlap, 0.0)
    support = own * image.trust
    badly = _badly_located(own, image.trust, miss)
    others = np.where(same, 0.0, np.clip(overlap / SAME_PLACE, 0, 1) * image.trust * (overlap >= SAME_PLACE))
    swapped = others.max(axis=1, initial=0.0) * (1 - support.max(axis=1, initial=0.0))
    swapped = np.maximum(swapped, _conflicting(image) * (1 - support.max(axis=1, initial=0.0)))
    loudest = np.where(swapped[:, None] > badly[:, None], others, support)
    best = loudest.argmax(axis=1) if loudest.size else np.full(len(image.boxes), -1)
    heard = loudest.max(axis=1, initial=0.0) > 0
    return BoxDoubts(overlooked, badly, swapped, np.where(heard, best, -1).astype(np.int64))


def _badly_located(own: Overlap, trust: Score, miss: float) -> Figures:
    """By the detection that fits best, each with its trust."""
    if not own.size:
        return np.zeros(len(own))
    best = (own * trust).argmax(axis=1)
    rows = np.arange(len(own))
    excess = np.clip((1 - own[rows, best] - miss) / max(1 - miss, _LEAST), 0, 1)
    return np.asarray(np.where(own[rows, best] > 0, trust[best] * excess, 0.0))


def _repeated(image: ImageBoxes) -> npt.NDArray[np.bool_]:
    """(n,) detections in the place of a surer one of the same class."""
    order = np.lexsort((np.arange(len(image.trust)), -image.trust))
    alike = (image.detected_classes[:, None] == image.detected_classes) & (
        box_overlap(image.detected, image.detected) >= SAME_PLACE
    )
    surer = np.zeros_like(alike)
    surer[np.ix_(order, order)] = np.tri(len(order), k=-1, dtype=bool)
    return np.asarray((alike & surer).any(axis=1))


def _conflicting(image: ImageBoxes) -> Figures:
    """(m,) 1 for labels that share their box with a label of another class."""
    clash = (box_overlap(image.boxes, image.boxes) >= SAME_BOX) & (image.classes[:, None] != image.classes)
    return np.asarray(clash.any(axis=1).astype(np.float64))
