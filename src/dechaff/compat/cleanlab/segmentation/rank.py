"""cleanlab's ``segmentation.rank``: quality of images and pixels, 0 = worst."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.arguments import chosen
from dechaff.compat.cleanlab.multilabel_classification.rank import softmin
from dechaff.compat.cleanlab.rank import get_self_confidence_for_each_label
from dechaff.compat.cleanlab.segmentation.filter import find_label_issues, pixels_of, read_shapes
from dechaff.errors import InputError
from dechaff.typing import Score


def get_label_quality_scores(
    labels: Any,
    pred_probs: Any,
    *,
    method: str = "softmin",
    batch_size: int | None = None,
    n_jobs: int | None = None,
    verbose: bool = True,
    **kwargs: Any,
) -> tuple[Score, npt.NDArray[np.float64]]:
    """Quality (n,) of each image, and (n, h, w) of its pixels: the probability of their labels."""
    pool_issues = chosen({"softmin": False, "num_pixel_issues": True}, method, "method")
    n, _ = read_shapes(labels, pred_probs)
    pixels = np.empty(np.shape(labels))
    for place in range(n):
        pixels[place].flat = get_self_confidence_for_each_label(*pixels_of(labels, pred_probs, place))
    if pool_issues:
        issues = find_label_issues(labels, pred_probs, downsample=kwargs.get("downsample", 1))
        return 1 - issues.mean(axis=(1, 2)), pixels
    heat = kwargs.get("temperature", 0.1)
    return np.array([float(softmin(one.reshape(1, -1), temperature=heat)[0]) for one in pixels]), pixels


def issues_from_scores(image_scores: Any, pixel_scores: Any = None, threshold: float = 0.1) -> npt.NDArray[Any]:
    """(n, h, w) mask of pixels below the threshold; without pixels, images below it, the worst first."""
    if not 0 <= threshold <= 1:
        raise InputError("threshold", "be from 0 to 1", str(threshold), "Quality is from 0 to 1.")
    if pixel_scores is not None:
        return np.asarray(pixel_scores) < threshold
    quality = np.asarray(image_scores)
    rows = np.argsort(quality, kind="stable")
    return rows[quality[rows] < threshold]
