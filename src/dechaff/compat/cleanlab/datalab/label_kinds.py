"""Kinds of issues of the labels: classes, numbers, or several classes of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.arguments import Inputs, Issues
from dechaff.compat.cleanlab.count import get_confident_thresholds, num_label_issues
from dechaff.compat.cleanlab.dataset import find_overlapping_classes, rank_classes_by_label_quality
from dechaff.compat.cleanlab.internal.multilabel_utils import onehot2int
from dechaff.compat.cleanlab.label_issues import IssueOptions, issues_of
from dechaff.compat.cleanlab.multilabel_classification.filter import find_label_issues
from dechaff.compat.cleanlab.multilabel_classification.rank import get_label_quality_scores as quality_of_several
from dechaff.compat.cleanlab.regression.learn import CleanLearning
from dechaff.compat.cleanlab.regression.rank import get_label_quality_scores as quality_of_numbers
from dechaff.typing import Mask


def label(rows: Inputs, *, clean_learning_kwargs: Mapping[str, Any] | None = None) -> Issues:
    """Labels that are probably wrong, as by ``CleanLearning.find_label_issues``."""
    assert rows.labels is not None
    assert rows.probs is not None
    find = dict((clean_learning_kwargs or {}).get("find_label_issues_kwargs") or {})
    quality = (clean_learning_kwargs or {}).get("label_quality_scores_kwargs")
    found = issues_of(rows.labels, rows.probs, IssueOptions(find_label_issues=find, get_label_quality_scores=quality))
    assert found.quality is not None
    assert found.noise is not None
    names = np.asarray(rows.class_names)
    given, predicted = names[rows.labels].tolist(), names[rows.probs.argmax(axis=1)].tolist()
    n = len(rows.labels)
    joint = found.noise.confident_joint / max(int(found.noise.confident_joint.sum()), 1)
    info = {
        "num_label_issues": int(found.mask.sum()),
        "average_label_quality": float(found.quality.mean()),
        "given_label": given,
        "predicted_label": predicted,
        "confident_joint": joint,
        "classes_by_label_quality": rank_classes_by_label_quality(
            joint=joint, num_examples=n, class_names=rows.class_names
        ),
        "overlapping_classes": find_overlapping_classes(joint=joint, num_examples=n, class_names=rows.class_names),
        "py": found.noise.py,
        "noise_matrix": found.noise.noise_matrix,
        "inverse_noise_matrix": found.noise.inverse_noise_matrix,
        "confident_thresholds": get_confident_thresholds(rows.labels, rows.probs).tolist(),
    }
    health = 1 - num_label_issues(rows.labels, rows.probs) / n
    return Issues(found.mask, found.quality, health, info, {"given_label": given, "predicted_label": predicted})


def label_of_number(
    rows: Inputs,
    *,
    clean_learning_kwargs: Mapping[str, Any] | None = None,
    threshold: float = 0.05,
    method: str = "outre",
) -> Issues:
    """Numbers whose quality is below `threshold` of the median; without predictions, as by ``CleanLearning``."""
    own_model = "model" in (clean_learning_kwargs or {})
    if rows.predictions is None or (own_model and rows.features is not None):
        cleaner = CleanLearning(**(clean_learning_kwargs or {}))
        found = cleaner.find_label_issues(rows.features, rows.labels)
        flag, quality, predicted = found["is_label_issue"], found["label_quality"], found["predicted_label"]
    else:
        quality, predicted = quality_of_numbers(rows.labels, rows.predictions, method=method), rows.predictions
        flag = quality < threshold * np.median(quality)
    return _issues_of_label(np.asarray(flag), np.asarray(quality), rows.labels.tolist(), np.asarray(predicted).tolist())


def label_of_several(
    rows: Inputs,
    *,
    method: str = "self_confidence",
    adjust_pred_probs: bool = False,
    aggregator_kwargs: Mapping[str, Any] | None = None,
    filter_by: str = "prune_by_noise_rate",
    frac_noise: float = 1.0,
    num_to_remove_per_class: Any = None,
    min_examples_per_class: int = 1,
    confident_joint: Any = None,
    low_memory: bool = False,
) -> Issues:
    """Rows with a label that is probably wrong, there or not there."""
    assert rows.probs is not None
    flag = find_label_issues(
        rows.labels,
        rows.probs,
        filter_by=filter_by,
        frac_noise=frac_noise,
        num_to_remove_per_class=num_to_remove_per_class,
        min_examples_per_class=min_examples_per_class,
        confident_joint=confident_joint,
        low_memory=low_memory,
    )
    quality = quality_of_several(
        rows.labels, rows.probs, method=method, adjust_pred_probs=adjust_pred_probs, aggregator_kwargs=aggregator_kwargs
    )
    return _issues_of_label(flag, quality, list(rows.labels), onehot2int(rows.probs > 0.5))


def _issues_of_label(flag: Mask, quality: Any, given: list[Any], predicted: list[Any]) -> Issues:
    average = float(quality.mean())
    labels = {"given_label": given, "predicted_label": predicted}
    counts = {"num_label_issues": int(flag.sum()), "average_label_quality": average}
    return Issues(flag, quality, average, {**counts, **labels}, labels)
