"""cleanlab's ``experimental.span_classification``: tokens inside or outside spans of one kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.compat.cleanlab.internal.multilabel_utils import stack_complement
from dechaff.compat.cleanlab.token_classification import filter, rank, summary
from dechaff.typing import Score

display_issues = summary.display_issues


def find_label_issues(labels: Any, pred_probs: Any) -> list[tuple[int, int]]:
    """(sentence, token) of each issue; `pred_probs` are the probabilities of each token to be inside."""
    return filter.find_label_issues(labels, _two_classes(pred_probs))


def get_label_quality_scores(labels: Any, pred_probs: Any, **kwargs: Any) -> tuple[Score, list[Any]]:
    """Quality of each sentence and of its tokens."""
    return rank.get_label_quality_scores(labels, _two_classes(pred_probs), **kwargs)


def _two_classes(pred_probs: Any) -> list[Any]:
    return [stack_complement(np.asarray(sentence)) for sentence in pred_probs]
