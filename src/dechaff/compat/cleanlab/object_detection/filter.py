"""cleanlab's ``object_detection.filter``: images with a wrong box."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.api.labels.box import find_box_errors


def find_label_issues(
    labels: Any,
    predictions: Any,
    *,
    return_indices_ranked_by_score: bool = False,
    overlapping_label_check: bool = True,
) -> Any:
    """(n,) mask of the images, or the images, the most doubtful first."""
    found = find_box_errors(labels, predictions)
    return found.ranked[found.flag[found.ranked]] if return_indices_ranked_by_score else np.array(found.flag)
