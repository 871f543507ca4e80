"""cleanlab's number of wrong labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import chosen, refuse_multi_label
from dechaff.compat.cleanlab.joint import counted_as_cleanlab, estimate_joint
from dechaff.errors import InputError
from dechaff.methods.label_errors.off_diagonal import flags_off_diagonal


def num_label_issues(
    labels: Any,
    pred_probs: Any,
    *,
    confident_joint: Any = None,
    estimation_method: str = "off_diagonal",
    multi_label: bool = False,
) -> int:
    """How many labels are wrong. A joint that is handed in is what is counted."""
    refuse_multi_label(multi_label)
    count = chosen(_COUNT, estimation_method, "estimation_method")
    return count(labels, pred_probs) if confident_joint is None else issues_of_joint(confident_joint, labels)


def issues_of_joint(confident_joint: Any, labels: Any) -> int:
    """Rows off the diagonal of the joint, once it is scaled to the number of labels."""
    joint = estimate_joint(labels, None, confident_joint=confident_joint)
    return int(np.rint((1 - np.trace(joint)) * len(labels)))


def _off_diagonal(labels: Any, pred_probs: Any) -> int:
    counted = counted_as_cleanlab(labels, pred_probs)
    return int(flags_off_diagonal(counted.labels, counted.confident, counted.doubted).sum())


def _off_diagonal_calibrated(labels: Any, pred_probs: Any) -> int:
    return int(np.rint((1 - np.trace(estimate_joint(labels, pred_probs))) * len(labels)))


def _off_diagonal_custom(labels: Any, pred_probs: Any) -> int:
    raise InputError(
        "confident_joint",
        "be handed in with estimation_method='off_diagonal_custom'",
        "None",
        "Hand it in, or choose 'off_diagonal' or 'off_diagonal_calibrated'.",
    )


_COUNT: dict[str, Callable[[Any, Any], int]] = {
    "off_diagonal": _off_diagonal,
    "off_diagonal_calibrated": _off_diagonal_calibrated,
    "off_diagonal_custom": _off_diagonal_custom,
}
