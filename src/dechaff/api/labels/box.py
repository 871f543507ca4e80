"""``find_box_errors``: objects in images that were overlooked, badly located, or given a wrong class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.api.labels.item_result import SHOWN, in_html
from dechaff.api.labels.names import RowNames
from dechaff.checks import check_count, check_labels, check_same_length, refuse_cells
from dechaff.errors import InputError
from dechaff.methods.object_detection.box_doubts import (
    SAME_PLACE,
    BoxDoubts,
    ImageBoxes,
    box_doubts,
    box_overlap,
    usual_miss,
)
from dechaff.methods.object_detection.detection_trust import detection_trust
from dechaff.typing import Mask, Rows, Score

LIKELY = 0.5
"""Score above which a box is flagged."""
_KINDS = ("overlooked", "badly located", "swapped")


@dataclass(frozen=True, repr=False, kw_only=True)
class BoxErrors:
    """What is wrong with the boxes of n images.

    Examples
    --------
    See `find_box_errors`, which returns one.
    """

    names: RowNames = field(repr=False)
    images: tuple[ImageBoxes, ...] = field(repr=False)
    """Given boxes and detections of each image, with the trust in each detection."""
    doubts: tuple[BoxDoubts, ...] = field(repr=False)
    """Of each image: `overlooked` of its detections, `badly_located` and `swapped` of its given boxes."""
    class_names: list[Any]

    @cached_property
    def score(self) -> Score:
        """(n,) doubt in each image, mostly that in its worst box; higher = look at this image first."""
        return np.array([one.image for one in self.doubts], dtype=np.float64)

    @cached_property
    def flag(self) -> Mask:
        """(n,) bool, images with a flagged box."""
        worst = [max(one.max(initial=0.0) for one in (d.overlooked, d.badly_located, d.swapped)) for d in self.doubts]
        return np.array(worst, dtype=np.float64) > LIKELY

    @property
    def ranked(self) -> Rows:
        """(n,) positions of the images, the most doubtful first."""
        return np.argsort(-self.score, kind="stable")

    def table(self, *, least: float = LIKELY) -> pl.DataFrame:
        """One line for each box with a score above `least`, the most doubtful first.

        Columns: image, kind, x1, y1, x2, y2 (of the given box; of the detection if it was overlooked), given,
        suggested, score, and the place of the given box in its image (null if overlooked).
        """
        lines = [line for place in range(len(self.images)) for line in self._lines(place, least)]
        lines.sort(key=lambda line: -float(line[-2]))
        columns = ["image", "kind", "x1", "y1", "x2", "y2", "given", "suggested", "score", "box"]
        return pl.DataFrame(lines, schema=columns, orient="row", strict=False, infer_schema_length=None)

    def worst(self, n: int = 20) -> pl.DataFrame:
        """The n most doubtful boxes."""
        return self.table(least=0.0).head(check_count("n", n))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"<BoxErrors: {int(self.flag.sum()):,} of {len(self):,} images flagged>"

    def _repr_html_(self) -> str:
        return in_html(repr(self)[1:-1], self.worst(SHOWN))

    def _lines(self, place: int, least: float) -> Iterator[tuple[Any, ...]]:
        image, doubts = self.images[place], self.doubts[place]
        (name,) = self.names.named(np.array([place])).tolist()
        for at in np.flatnonzero(doubts.overlooked > least):
            found = self.class_names[image.detected_classes[at]]
            yield name, _KINDS[0], *image.detected[at].tolist(), None, found, float(doubts.overlooked[at]), None
        for kind, score in zip(_KINDS[1:], (doubts.badly_located, doubts.swapped), strict=True):
            for at in np.flatnonzero(score > least):
                given, other = self.class_names[image.classes[at]], int(doubts.best[at])
                suggested = given if other < 0 else self.class_names[image.detected_classes[other]]
                yield name, kind, *image.boxes[at].tolist(), given, suggested, float(score[at]), int(at)


def find_box_errors(
    labels: Sequence[Mapping[str, Any]],
    predictions: Sequence[Any],
    *,
    class_names: Sequence[Any] | None = None,
    ids: Any = None,
) -> BoxErrors:
    """Objects that were overlooked, boxes that are badly located, and boxes of a wrong class, in images.

    Parameters
    ----------
    labels : one mapping per image, with ``bboxes`` (m, 4) as x1, y1, x2, y2 and ``labels`` (m,) from 0 to k-1
        Given boxes; some may be wrong, and some missing.
    predictions : per image, k arrays (n, 5) of x1, y1, x2, y2 and confidence (one for each class, as MMDetection has
        them), or a mapping with ``bboxes``, ``labels`` and ``scores``
        Detections of a model that was not trained on the image, also those of low confidence.
    class_names : k names, default 0 … k-1
    ids : (n,) names of the images, default their positions

    Returns
    -------
    BoxErrors

    Raises
    ------
    InputError
        If the numbers of images differ, a box is not four finite numbers in order, or a class has no name.

    Source
    ------
    This library, after Tkachenko and others (2023); see ``box_doubts``.

    Examples
    --------
    >>> import dechaff, numpy as np
    >>> box, other = [0, 0, 10, 10], [40, 40, 60, 60]
    >>> labels = [{"bboxes": [box, other], "labels": [0, 1]}] * 50
    >>> labels[7] = {"bboxes": [box], "labels": [0]}
    >>> seen = [[np.array([[*box, 0.9]]), np.array([[*other, 0.8]])]] * 50
    >>> found = dechaff.labels.find_box_errors(labels, seen, class_names=["cat", "dog"])
    >>> np.flatnonzero(found.flag), found.table()["kind", "x1", "suggested"].rows()
    (array([7]), [('overlooked', 40.0, 'dog')])
    """
    given = [_read_labels(one, f"labels[{place}]") for place, one in enumerate(labels)]
    seen = [_read_predictions(one, f"predictions[{place}]") for place, one in enumerate(predictions)]
    check_same_length(labels=np.arange(len(given)), predictions=np.arange(len(seen)))
    k = 1 + max((int(codes.max(initial=-1)) for _, codes, *_ in [*given, *seen]), default=-1)
    names = list(range(k)) if class_names is None else list(class_names)
    if len(names) < k:
        found, fix = f"{len(names)} names", "Name every class, in the order of their numbers."
        raise InputError("class_names", f"name each of the {k} classes", found, fix)
    untrusted = [
        ImageBoxes(boxes, codes, found_boxes, found_codes, confidence)
        for (boxes, codes), (found_boxes, found_codes, confidence) in zip(given, seen, strict=True)
    ]
    matches = [_matched(image) for image in untrusted]
    overlaps = np.concatenate([np.zeros(0), *matches])
    trust = detection_trust(np.concatenate([np.zeros(0), *(one.trust for one in untrusted)]), overlaps >= SAME_PLACE)
    parts = np.split(trust, np.cumsum([len(one) for one in matches])[:-1]) if matches else []
    miss = usual_miss(overlaps[overlaps >= SAME_PLACE])
    images = tuple(
        ImageBoxes(one.boxes, one.classes, one.detected, one.detected_classes, part)
        for one, part in zip(untrusted, parts, strict=True)
    )
    doubts = tuple(box_doubts(image, miss=miss) for image in images)
    return BoxErrors(names=RowNames.of(len(images), ids=ids), images=images, doubts=doubts, class_names=names)


def _matched(image: ImageBoxes) -> Score:
    """(n,) overlap of each detection with the nearest label of its class."""
    same = image.classes[:, None] == image.detected_classes
    return np.asarray(np.where(same, box_overlap(image.boxes, image.detected), 0.0).max(axis=0, initial=0.0))


def _read_labels(one: Any, name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    if not isinstance(one, Mapping) or not {"bboxes", "labels"} <= set(one):
        found, fix = type(one).__name__, "Pass {'bboxes': [[x1, y1, x2, y2], …], 'labels': [0, …]}."
        raise InputError(name, "be a mapping with bboxes and labels", found, fix)
    boxes = _boxes(one["bboxes"], name)
    codes = check_labels(np.asarray(one["labels"], dtype=np.int64).reshape(-1), 2**31, name=name)
    check_same_length(**{f"{name}['bboxes']": boxes, f"{name}['labels']": codes})
    return boxes, codes


def _read_predictions(
    one: Any, name: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    if isinstance(one, Mapping):
        boxes, codes = _read_labels(one, name)
        confidence = np.asarray(one.get("scores", np.ones(len(boxes))), dtype=np.float64)
    else:
        per_class = [np.asarray(part, dtype=np.float64).reshape(-1, 5) for part in one]
        rows = np.concatenate([np.zeros((0, 5)), *per_class])
        codes = np.repeat(np.arange(len(per_class)), [len(part) for part in per_class])
        boxes, confidence = _boxes(rows[:, :4], name), rows[:, 4]
    check_same_length(**{f"{name} boxes": boxes, f"{name} scores": confidence})
    refuse_cells(~((confidence >= 0) & (confidence <= 1)), confidence, name, "have confidences from 0 to 1", "Rescale.")
    return boxes, codes, confidence


def _boxes(boxes: Any, name: str) -> npt.NDArray[np.float64]:
    array = np.asarray(boxes, dtype=np.float64)
    if array.size % 4 or (array.size and array.shape[-1] != 4):
        raise InputError(name, "have boxes of four numbers", f"shape {array.shape}", "Pass x1, y1, x2, y2 of each.")
    array = array.reshape(-1, 4)
    must, fix = "have finite boxes with x1 <= x2 and y1 <= y2", "Pass corners, not width and height."
    bad = ~np.isfinite(array)
    bad[:, 2:] |= array[:, 2:] < array[:, :2]
    refuse_cells(bad, array, name, must, fix)
    return array
