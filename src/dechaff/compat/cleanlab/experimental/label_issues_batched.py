"""cleanlab's ``experimental.label_issues_batched``: label issues batch by batch, exactly those of the whole at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_count, check_rows, check_same_length
from dechaff.compat.cleanlab.arguments import check_one, chosen
from dechaff.compat.cleanlab.count import NEVER, Counts, calibrated, counted_as_cleanlab, rows_off_diagonal
from dechaff.compat.cleanlab.rank import find_top_issues, get_label_quality_scores
from dechaff.core.kernels.given_sums import given_sums
from dechaff.core.kernels.row_classes import row_classes
from dechaff.core.top_rows import top_rows
from dechaff.data.formats.npy import npy_array
from dechaff.errors import InputError
from dechaff.methods.label_errors.confident_joint import ArgmaxClass, with_some_diagonal
from dechaff.methods.label_errors.confident_thresholds import LEAST_THRESHOLD, ConfidentThresholds, with_slack
from dechaff.methods.label_errors.pruning import SLACK, flags_off_diagonal
from dechaff.typing import ClassVector, Labels, Mask, Probs, Score

_METHODS = {"off_diagonal": False, "off_diagonal_calibrated": True}
"""Ways to count, and whether the joint is scaled for it."""


class LabelInspector:
    """Finds label issues in two passes over batches: one for the thresholds, one for scores and counts.

    What it says depends on neither the sizes of the batches nor their order, and is what `find_label_issues` says of
    all rows at once; cleanlab's own approximates that.
    """

    def __init__(
        self,
        *,
        num_class: int,
        store_results: bool = True,
        verbose: bool = True,
        quality_score_kwargs: Mapping[str, Any] | None = None,
        num_issue_kwargs: Mapping[str, Any] | None = None,
        n_jobs: int | None = 1,
    ) -> None:
        self.num_class = num_class
        self.store_results = store_results
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.quality_score_kwargs = dict(quality_score_kwargs or {})
        self.num_issue_kwargs = dict(num_issue_kwargs or {})
        method = self.num_issue_kwargs.get("estimation_method", "off_diagonal")
        self.off_diagonal_calibrated = chosen(_METHODS, method, "estimation_method")
        self._fold = ConfidentThresholds(num_class)
        self._seen = self._fold.init()
        self._joint = np.zeros((num_class, num_class), dtype=np.int64)
        self._class_counts = np.zeros(num_class, dtype=np.int64)
        self._issues = 0
        self._scores: list[Score] = []
        self._doubted: list[Mask] = []

    def update_confident_thresholds(self, labels: Any, pred_probs: Any) -> None:
        """Adds a batch to the thresholds."""
        codes, probs = self._batch(labels, pred_probs)
        self._seen = self._fold.update(self._seen, {"labels": codes, "probs": probs})

    def get_confident_thresholds(self, silent: bool = False) -> ClassVector:
        """The thresholds (k,) by the batches so far."""
        if not self._seen.rows.sum():
            raise InputError(
                "the thresholds", "have seen a batch", "none", "Call update_confident_thresholds(labels, pred_probs)."
            )
        means = self._fold.finalize(self._seen)
        return np.where(np.isfinite(means), np.maximum(means, LEAST_THRESHOLD), NEVER)

    def score_label_quality(self, labels: Any, pred_probs: Any, *, update_num_issues: bool = True) -> Score:
        """Quality (n,) of the labels of a batch, 0 = worst; the batch is added to the count of issues."""
        codes, probs = self._batch(labels, pred_probs)
        scores = self._quality(codes, probs)
        if update_num_issues:
            self._count(codes, probs)
        if self.store_results:
            self._scores.append(scores)
        return scores

    def get_num_issues(self, silent: bool = False) -> int:
        """How many labels are wrong, by the batches so far."""
        if not self._class_counts.sum():
            raise InputError(
                "the labels", "have been scored", "no batch", "Call score_label_quality(labels, pred_probs)."
            )
        if not self.off_diagonal_calibrated:
            return self._issues
        return _issues_of_joint(self._joint, self._class_counts)

    def get_quality_scores(self) -> Score:
        """Quality (n,) of the labels of all batches so far."""
        if not self.store_results:
            raise InputError(
                "store_results",
                "be True to have the scores kept",
                "False",
                "Put those of the batches together yourself.",
            )
        return np.concatenate(self._scores) if self._scores else np.empty(0)

    def get_label_issues(self) -> npt.NDArray[np.int64]:
        """The rows of lowest quality, as many as labels are wrong, worst first."""
        return find_top_issues(self.get_quality_scores(), top=self.get_num_issues())

    def issue_mask(self) -> Mask:
        """The same rows as a mask, without those in which the model prefers the given label."""
        return top_rows(-self.get_quality_scores(), self.get_num_issues()) & np.concatenate(self._doubted)

    def _batch(self, labels: Any, pred_probs: Any) -> tuple[Labels, Probs]:
        codes, probs = np.asarray(labels), np.asarray(pred_probs)
        if probs.ndim != 2 or probs.shape[1] != self.num_class or len(codes) != len(probs):
            raise InputError(
                "pred_probs",
                f"have one row for each of {len(codes)} labels and num_class={self.num_class} columns",
                f"shape {probs.shape}",
                "Pass the same rows of both.",
            )
        return codes, probs

    def _quality(self, codes: Labels, probs: Probs) -> Score:
        if _self_confidence(self.quality_score_kwargs):
            return given_sums(codes, probs).given
        return get_label_quality_scores(codes, probs, **self.quality_score_kwargs)

    def _count(self, codes: Labels, probs: Probs) -> None:
        least = with_slack(self._fold.finalize(self._seen), probs.dtype)
        found = row_classes(codes, probs, least, slack=SLACK, of_reached=ArgmaxClass.of_reached)
        if not found.fine:
            check_rows(probs)
        self._issues += int(flags_off_diagonal(codes, found.reached, found.ahead).sum())
        self._joint += found.pairs
        self._class_counts += np.bincount(codes, minlength=self.num_class)
        self._doubted.append(found.ahead)


def find_label_issues_batched(
    labels: Any = None,
    pred_probs: Any = None,
    *,
    labels_file: str | None = None,
    pred_probs_file: str | None = None,
    batch_size: int = 10000,
    n_jobs: int | None = 1,
    verbose: bool = True,
    quality_score_kwargs: Mapping[str, Any] | None = None,
    num_issue_kwargs: Mapping[str, Any] | None = None,
    return_mask: bool = False,
) -> Any:
    """Rows whose label is an issue, in the order of the rows, or a mask of them.

    They are those of ``find_label_issues(filter_by="low_self_confidence")``. Arrays and maps of ``.npy`` files are read
    where they are, in one piece; anything else that can be sliced, such as a Zarr array, batch by batch.
    """
    codes = _opened(labels, labels_file, "labels")
    probs = _opened(pred_probs, pred_probs_file, "pred_probs")
    check_same_length(labels=codes, pred_probs=probs)
    check_count("batch_size", batch_size, least=1)
    if isinstance(probs, np.ndarray) and isinstance(codes, np.ndarray):
        mask = _mask_at_once(codes, probs, quality_score_kwargs or {}, num_issue_kwargs or {})
        return mask if return_mask else np.flatnonzero(mask)
    inspector = LabelInspector(
        num_class=probs.shape[1], quality_score_kwargs=quality_score_kwargs, num_issue_kwargs=num_issue_kwargs
    )
    batches = [slice(start, start + batch_size) for start in range(0, len(probs), batch_size)]
    for rows in batches:
        inspector.update_confident_thresholds(codes[rows], probs[rows])
    for rows in batches:
        inspector.score_label_quality(codes[rows], probs[rows])
    mask = inspector.issue_mask()
    return mask if return_mask else np.flatnonzero(mask)


def _mask_at_once(labels: Labels, probs: Probs, quality: Mapping[str, Any], counting: Mapping[str, Any]) -> Mask:
    """Whether the array is read in place instead of being loaded into memory."""
    counted = counted_as_cleanlab(labels, probs)
    if chosen(_METHODS, counting.get("estimation_method", "off_diagonal"), "estimation_method"):
        n_issues = _issues_of_joint(counted.joint, counted.class_counts)
    else:
        n_issues = int(np.count_nonzero(flags_off_diagonal(counted.labels, counted.confident, counted.doubted)))
    scores = counted.given if _self_confidence(quality) else get_label_quality_scores(labels, probs, **quality)
    return top_rows(np.negative(scores, out=scores), n_issues) & counted.doubted  # none_wanted else has these scores


def _self_confidence(quality: Mapping[str, Any]) -> bool:
    return quality.get("method", "self_confidence") == "self_confidence" and not quality.get("adjust_pred_probs")


def _issues_of_joint(joint: Counts, class_counts: Counts) -> int:
    """Rows off the diagonal, once the joint is scaled to the number of labels."""
    scaled = calibrated(with_some_diagonal(joint), class_counts)
    return rows_off_diagonal(scaled / np.sum(scaled), class_counts.sum())


def _opened(array: Any, file: Any, name: str) -> Any:
    check_one(**{name: array, f"{name}_file": file})
    if file is None:
        return np.asarray(array) if isinstance(array, list | tuple) or hasattr(array, "iloc") else array
    if not isinstance(file, str):
        raise InputError(f"{name}_file", "be the path of an .npy file", type(file).__name__, "Write it with np.save.")
    return npy_array(Path(file))
