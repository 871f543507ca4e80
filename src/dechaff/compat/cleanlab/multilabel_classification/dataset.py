"""cleanlab's ``multilabel_classification.dataset``: which classes are wrongly given or forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import refuse_no_rows
from dechaff.compat.cleanlab.dataset import print_summary
from dechaff.compat.cleanlab.internal.multilabel_utils import get_onehot_num_classes
from dechaff.compat.cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
from dechaff.models.columns import pandas_frame
from dechaff.typing import Columns


def common_multilabel_issues(
    labels: Any = None, pred_probs: Any = None, *, class_names: Sequence[Any] | None = None, confident_joint: Any = None
) -> Any:
    """A pandas frame of each class wrongly given and wrongly left out, the most frequent first."""
    extra, missing, n = _issues(labels, pred_probs, confident_joint)
    k = len(extra)
    counts, given = np.concatenate([extra, missing]), np.repeat([True, False], k)
    classes = np.tile(np.arange(k), 2)
    order = np.lexsort((~given, classes, -counts))
    named = {} if class_names is None else {"Class Name": [class_names[code] for code in classes[order]]}
    columns = {
        "Class Index": classes,
        "In Given Label": given,
        "In Suggested Label": ~given,
        "Num Examples": counts,
        "Issue Probability": counts / n,
    }
    return pandas_frame({**named, **{name: column[order] for name, column in columns.items()}})


def rank_classes_by_multilabel_quality(
    labels: Any = None,
    pred_probs: Any = None,
    *,
    class_names: Sequence[Any] | None = None,
    joint: Any = None,
    confident_joint: Any = None,
) -> Any:
    """A pandas frame of the classes, the one that is wrongly given most often first."""
    extra, missing, n = _issues(labels, pred_probs, confident_joint if joint is None else joint)
    order = np.argsort(-extra, kind="stable")
    named = {} if class_names is None else {"Class Name": [class_names[code] for code in order]}
    columns = {
        "Class Index": np.arange(len(extra)),
        "Label Issues": extra,
        "Inverse Label Issues": missing,
        "Label Noise": extra / n,
        "Inverse Label Noise": missing / n,
        "Label Quality Score": 1 - extra / n,
    }
    return pandas_frame({**named, **{name: column[order] for name, column in columns.items()}})


def overall_multilabel_health_score(
    labels: Any = None, pred_probs: Any = None, *, confident_joint: Any = None
) -> float:
    """Fraction of the rows without an issue."""
    flags = find_multilabel_issues_per_class(labels, pred_probs, confident_joint=confident_joint)
    refuse_no_rows(len(flags))
    return float(1 - flags.any(axis=1).mean())


def multilabel_health_summary(
    labels: Any = None,
    pred_probs: Any = None,
    *,
    class_names: Sequence[Any] | None = None,
    num_examples: int | None = None,
    confident_joint: Any = None,
    verbose: bool = True,
) -> Columns:
    """The three together."""
    named = {"class_names": class_names, "confident_joint": confident_joint}
    summary = {
        "overall_multilabel_health_score": overall_multilabel_health_score(
            labels, pred_probs, confident_joint=confident_joint
        ),
        "classes_by_multilabel_quality": rank_classes_by_multilabel_quality(labels, pred_probs, **named),
        "common_multilabel_issues": common_multilabel_issues(labels, pred_probs, **named),
    }
    if verbose:
        print_summary(summary)
    return summary


def _issues(labels: Any, pred_probs: Any, confident_joint: Any) -> tuple[Any, Any, int]:
    """How often each class is wrongly given, and wrongly left out; and the number of rows."""
    flags = find_multilabel_issues_per_class(labels, pred_probs, confident_joint=confident_joint)
    refuse_no_rows(len(flags))
    there, _ = get_onehot_num_classes(labels, pred_probs)
    return (flags & (there == 1)).sum(axis=0), (flags & (there == 0)).sum(axis=0), len(flags)
