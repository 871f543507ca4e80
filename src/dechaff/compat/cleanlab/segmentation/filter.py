"""cleanlab's ``segmentation.filter``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_count, check_labels
from dechaff.compat.cleanlab.experimental.label_issues_batched import LabelInspector
from dechaff.errors import InputError
from dechaff.typing import Labels, Probs


def find_label_issues(
    labels: Any,
    pred_probs: Any,
    *,
    batch_size: int | None = None,
    n_jobs: int | None = None,
    verbose: bool = True,
    **kwargs: Any,
) -> npt.NDArray[np.bool_]:
    """(n, h, w) mask: the pixels of lowest probability, as many as confident learning counts; image by image."""
    check_count(
        "downsample", kwargs.get("downsample", 1), least=1
    )  # no pixels are left out: one image is read at a time
    n, k = read_shapes(labels, pred_probs)
    inspector = LabelInspector(num_class=k)
    for place in range(n):
        inspector.update_confident_thresholds(*pixels_of(labels, pred_probs, place))
    for place in range(n):
        inspector.score_label_quality(*pixels_of(labels, pred_probs, place))
    return inspector.issue_mask().reshape(np.shape(labels)) if n else np.zeros(np.shape(labels), dtype=bool)


def read_shapes(labels: Any, pred_probs: Any) -> tuple[int, int]:
    """Numbers of images and classes."""
    shape, probs = np.shape(labels), np.shape(pred_probs)
    if len(probs) != 4 or shape != (probs[0], *probs[2:]):
        fix = "Pass labels (n, h, w) and pred_probs (n, k, h, w)."
        raise InputError("labels and pred_probs", "be of the same pixels", f"shapes {shape} and {probs}", fix)
    return probs[0], probs[1]


def pixels_of(labels: Any, pred_probs: Any, place: int) -> tuple[Labels, Probs]:
    """Labels (pixels,) and probabilities (pixels, k) of one image."""
    seen = np.asarray(pred_probs[place])
    codes = check_labels(np.asarray(labels[place]).ravel(), len(seen), name=f"labels[{place}]")
    return codes, np.ascontiguousarray(seen.reshape(len(seen), -1).T)
