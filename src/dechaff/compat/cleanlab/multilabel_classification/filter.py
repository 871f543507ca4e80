"""cleanlab's ``multilabel_classification.filter``: rows, and single labels of rows, that are issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.compat.cleanlab.experimental.label_issues_batched import find_label_issues_batched
from dechaff.compat.cleanlab.filter import find_label_issues as find_class_issues
from dechaff.compat.cleanlab.internal.multilabel_utils import as_binary
from dechaff.compat.cleanlab.multilabel_classification.rank import get_label_quality_scores
from dechaff.errors import InputError
from dechaff.records.keywords import takes
from dechaff.typing import Mask


@dataclass(frozen=True)
class MultilabelRequest:
    """The arguments of `find_label_issues`."""

    labels: Any
    pred_probs: Any
    return_indices_ranked_by: str | None = None
    rank_by_kwargs: Mapping[str, Any] | None = None
    filter_by: str = "prune_by_noise_rate"
    frac_noise: float = 1.0
    num_to_remove_per_class: Sequence[int] | None = None
    min_examples_per_class: int = 1
    confident_joint: Any = None
    n_jobs: int | None = None
    verbose: bool = False
    low_memory: bool = False

    @property
    def rows(self) -> tuple[Any, Any]:
        """Labels and probabilities."""
        return self.labels, self.pred_probs


@takes(MultilabelRequest)
def find_label_issues(of: MultilabelRequest) -> Any:
    """Rows with a label that is an issue: a mask (n,), or the rows by the quality that is named, worst first."""
    ranked_by = of.return_indices_ranked_by
    lowest = of.filter_by.startswith("low_") and not of.low_memory
    mask = _lowest(of) if lowest else _issues_per_class(of).any(axis=1)
    if ranked_by is None:
        return mask
    quality = get_label_quality_scores(*of.rows, method=ranked_by, **(of.rank_by_kwargs or {}))
    rows = np.flatnonzero(mask)
    return rows[np.argsort(quality[rows], kind="stable")]


def _lowest(of: MultilabelRequest) -> Mask:
    """As many rows of the lowest quality as confident learning finds."""
    n = int(find_label_issues(*of.rows, filter_by="confident_learning").sum())
    mask = np.zeros(len(of.labels), dtype=bool)
    mask[np.argsort(get_label_quality_scores(*of.rows), kind="stable")[:n]] = True
    return mask


@takes(MultilabelRequest)
def find_multilabel_issues_per_class(of: MultilabelRequest) -> Any:
    """(n, k) mask; or ranked rows, labels and probabilities (n, 2) of each class, as three lists."""
    if of.return_indices_ranked_by is None:
        return _issues_per_class(of)
    binary = as_binary(*of.rows)
    ranked = [_issues_of_class(of, place, *one, of.return_indices_ranked_by) for place, one in enumerate(binary)]
    return ranked, [labels for labels, _ in binary], [probs for _, probs in binary]


def _issues_per_class(of: MultilabelRequest) -> Any:
    binary = as_binary(*of.rows)
    return np.stack([_issues_of_class(of, place, *one, None) for place, one in enumerate(binary)], axis=1)


def _issues_of_class(of: MultilabelRequest, place: int, labels: Any, probs: Any, ranked_by: str | None) -> Any:
    if of.low_memory:
        quality = None if ranked_by is None else {"method": ranked_by}
        return find_label_issues_batched(
            labels, probs, verbose=False, quality_score_kwargs=quality, return_mask=ranked_by is None
        )
    joint, wanted = of.confident_joint, of.num_to_remove_per_class
    if joint is not None and np.shape(joint)[1:] != (2, 2):
        fix = "Compute it with compute_confident_joint(…, multi_label=True)."
        raise InputError("confident_joint", "have the shape (k, 2, 2)", str(np.shape(joint)), fix)
    return find_class_issues(
        labels,
        probs,
        return_indices_ranked_by=ranked_by,
        rank_by_kwargs=of.rank_by_kwargs,
        filter_by=of.filter_by,
        frac_noise=of.frac_noise,
        num_to_remove_per_class=None if wanted is None else [wanted[place], 0],
        min_examples_per_class=of.min_examples_per_class,
        confident_joint=None if joint is None else joint[place],
    )
