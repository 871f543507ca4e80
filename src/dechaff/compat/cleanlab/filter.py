"""cleanlab's ``filter``: which labels are issues, as a mask or as ranked rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from typing import Any

import numpy as np

from dechaff.checks import check_labels_and_probs
from dechaff.compat.cleanlab.arguments import chosen, read_joint
from dechaff.compat.cleanlab.count import (
    Counts,
    calibrated,
    counted_as_cleanlab,
    num_label_issues,
    round_preserving_row_totals,
)
from dechaff.compat.cleanlab.internal.multilabel_utils import as_binary
from dechaff.compat.cleanlab.rank import get_label_quality_scores, order_label_issues
from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_joint import with_some_diagonal
from dechaff.methods.label_errors.prune_counts import prune_counts, prune_counts_of
from dechaff.methods.label_errors.pruning import (
    Candidates,
    find_candidates,
    flags_by_class,
    flags_by_noise_rate,
    flags_off_diagonal,
    prune_most_doubtful,
)
from dechaff.records.keywords import takes
from dechaff.typing import Mask


@dataclass(frozen=True)
class _Request:
    """The arguments of `find_label_issues`; each filter reads the rows only as often as it must."""

    labels: Any
    pred_probs: Any
    _: KW_ONLY
    return_indices_ranked_by: str | None = None
    rank_by_kwargs: Mapping[str, Any] | None = None
    filter_by: str = "prune_by_noise_rate"
    frac_noise: float = 1.0
    num_to_remove_per_class: Sequence[int] | int | None = None
    min_examples_per_class: int = 1
    confident_joint: Any = None
    n_jobs: int | None = None
    verbose: bool = False
    multi_label: bool = False

    def candidates_and_counts(self) -> tuple[Candidates, Counts]:
        """The rows that can be flagged, and how many to take of each given label and true class."""
        seen: Candidates
        if self.confident_joint is None:
            seen = counted = counted_as_cleanlab(self.labels, self.pred_probs)
            joint = calibrated(with_some_diagonal(counted.joint), counted.class_counts)
        else:
            seen = find_candidates(np.asarray(self.labels), self.pred_probs)
            joint = read_joint(self.confident_joint, len(seen.class_counts)).astype(np.int64)
        least = self.min_examples_per_class
        counts = prune_counts(joint, frac_noise=self.frac_noise, min_examples_per_class=least)
        if self.num_to_remove_per_class is not None:
            wanted = np.asarray(self.num_to_remove_per_class)
            wanted = wanted if wanted.ndim else np.full(len(joint), wanted)
            counts = prune_counts_of(counts, seen.class_counts, wanted, whole=round_preserving_row_totals)
        return seen, counts


def _both(of: _Request) -> Mask:
    seen, counts = of.candidates_and_counts()
    least = of.min_examples_per_class
    return flags_by_noise_rate(seen, counts, least) & flags_by_class(seen, counts, least)


def _off_diagonal(of: _Request) -> Mask:
    counted = counted_as_cleanlab(of.labels, of.pred_probs)
    return flags_off_diagonal(counted.labels, counted.confident, counted.doubted)


def _lowest(method: str) -> Callable[[_Request], Mask]:
    def lowest(of: _Request) -> Mask:
        n = num_label_issues(of.labels, of.pred_probs, confident_joint=of.confident_joint)
        return prune_most_doubtful(-get_label_quality_scores(of.labels, of.pred_probs, method=method), n_rows=n)

    return lowest


_BY_COUNTS: dict[str, Callable[[_Request], Mask]] = {
    "prune_by_noise_rate": lambda of: flags_by_noise_rate(*of.candidates_and_counts(), of.min_examples_per_class),
    "prune_by_class": lambda of: flags_by_class(*of.candidates_and_counts(), of.min_examples_per_class),
    "both": _both,
}
PRUNING = tuple(_BY_COUNTS)
"""The filters that take as many rows as a joint counts."""
_FILTERS: dict[str, Callable[[_Request], Mask]] = {
    **_BY_COUNTS,
    "confident_learning": _off_diagonal,
    "predicted_neq_given": lambda of: find_candidates(np.asarray(of.labels), of.pred_probs).doubted,
    "low_self_confidence": _lowest("self_confidence"),
    "low_normalized_margin": _lowest("normalized_margin"),
}


@takes(_Request)
def find_label_issues(of: _Request) -> Any:
    """Rows whose label is an issue: a mask (n,), or the rows by the quality that is named, worst first."""
    if of.multi_label:
        return _of_several_labels(of)
    find = chosen(_FILTERS, of.filter_by, "filter_by")
    if of.filter_by not in PRUNING:
        _check_options(of)
    mask = find(of)
    ranked_by = of.return_indices_ranked_by
    if ranked_by is None:
        return mask
    return order_label_issues(mask, of.labels, of.pred_probs, rank_by=ranked_by, rank_by_kwargs=of.rank_by_kwargs)


def _of_several_labels(of: _Request) -> Any:
    from dechaff.compat.cleanlab.multilabel_classification import filter as of_several  # which needs this module

    options = {field.name: getattr(of, field.name) for field in fields(of) if field.name not in ("_", "multi_label")}
    return of_several.find_label_issues(**options)


def _check_options(of: _Request) -> None:
    if of.num_to_remove_per_class is not None:
        raise InputError(
            "num_to_remove_per_class",
            f"be left out with filter_by={of.filter_by!r}",
            repr(of.num_to_remove_per_class),
            f"Choose one of {', '.join(PRUNING)}.",
        )
    if of.frac_noise != 1.0:
        warnings.warn(f"frac_noise has no effect with filter_by={of.filter_by!r}", UserWarning, stacklevel=4)


def find_predicted_neq_given(labels: Any, pred_probs: Any, *, multi_label: bool = False) -> Mask:
    """Rows (n,) in which the model's first choice is not the given label."""
    if multi_label:
        issues = [find_predicted_neq_given(*one) for one in as_binary(labels, pred_probs)]
        return np.asarray(np.any(issues, axis=0))
    codes, probs = check_labels_and_probs(labels, pred_probs)
    return np.asarray(probs.argmax(axis=1) != codes)


def find_label_issues_using_argmax_confusion_matrix(
    labels: Any, pred_probs: Any, *, calibrate: bool = True, filter_by: str = "prune_by_noise_rate"
) -> Any:
    """The same as `find_label_issues`, with the counts of given label and first choice as the joint."""
    codes, probs = check_labels_and_probs(labels, pred_probs)
    k = probs.shape[1]
    joint = np.bincount(codes * k + probs.argmax(axis=1), minlength=k * k).reshape(k, k)
    joint = calibrated(joint, np.bincount(codes, minlength=k)) if calibrate else joint
    return find_label_issues(codes, probs, confident_joint=joint, filter_by=filter_by)
