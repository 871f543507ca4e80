"""cleanlab's ``segmentation.summary``: which classes are confused, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.segmentation.filter import read_shapes
from dechaff.models.columns import pandas_frame


def common_label_issues(
    issues: Any,
    labels: Any,
    pred_probs: Any,
    *,
    class_names: Sequence[str] | None = None,
    exclude: Sequence[int] | None = None,
    top: int | None = None,
    verbose: bool = True,
) -> Any:
    """A pandas frame of given and predicted class of the pixels that are issues, the most frequent pair first."""
    n, k = read_shapes(labels, pred_probs)
    counts = np.zeros((k, k), dtype=np.int64)
    for place in range(n):
        where = np.asarray(issues[place])
        predicted = np.asarray(pred_probs[place]).argmax(axis=0)[where]
        np.add.at(counts, (np.asarray(labels[place])[where], predicted), 1)
    counts[:, list(exclude or ())] = 0
    order = np.argsort(-counts.ravel(), kind="stable")[: np.count_nonzero(counts)][:top]
    names = [str(code) for code in range(k)] if class_names is None else class_names
    pairs = [divmod(int(one), k) for one in order]
    columns = {
        "given_label": [names[given] for given, _ in pairs],
        "predicted_label": [names[predicted] for _, predicted in pairs],
        "num_pixel_issues": counts.ravel()[order],
    }
    if verbose:
        for given, predicted, times in zip(*columns.values(), strict=True):
            print(f"Class '{given}' is potentially mislabeled as class for '{predicted}' {times} pixels in the dataset")
    return pandas_frame(columns)


def filter_by_class(class_index: int, issues: Any, labels: Any, pred_probs: Any) -> npt.NDArray[np.bool_]:
    """(n, h, w) the issues of pixels that are labelled or predicted as that class."""
    mask = np.array(issues)
    for place in range(len(mask)):
        predicted = np.asarray(pred_probs[place]).argmax(axis=0)
        mask[place] &= np.isin(np.asarray(labels[place]), class_index) | np.isin(predicted, class_index)
    return mask
