"""Confident learning over chunks of rows in one pass: thresholds, joint, and margins of other classes.

The joint needs the thresholds, which are known only after the pass. But a sample of the rows gives bounds for them, and
for nearly all rows the bounds decide which class is confidently seen. The other rows are returned whole, and counted
once the thresholds are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.codes import code_type
from dechaff.core.exact_sum import ExactSum, exact_zero
from dechaff.core.fold import SumFold
from dechaff.core.kernels.bounded_rows import MarginsAbove, ThresholdBounds, bounded_rows
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds, thresholds_of_sums, with_slack
from dechaff.methods.label_errors.margin_thresholds import MarginCandidates
from dechaff.methods.label_errors.pruning import LEAD, SLACK
from dechaff.typing import Chunk, ClassMatrix, ClassVector

Counts = npt.NDArray[np.int64]
_SURE = 6.0
"""Standard errors to either side of a mean."""


@dataclass(frozen=True)
class Bounds:
    """Bounds of the thresholds, and the margins below which no row will be pruned."""

    low: ClassVector
    high: ClassVector
    least: ClassMatrix

    def hold(self, thresholds: ClassVector) -> bool:
        """Whether the thresholds are within the bounds."""
        return bool(((self.low <= thresholds) & (thresholds <= self.high)).all())

    def least_margins(self, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """(k, k) margins above which a candidate is kept: at least `LEAD`, which only doubted rows exceed."""
        return np.maximum(self.least, LEAD).astype(dtype)


@dataclass(frozen=True)
class LikelyThresholds(ConfidentThresholds):
    """The fold over a sample of the rows that estimates bounds of the thresholds of all rows; its margins are 0."""

    def finalize(self, state: Any) -> Any:
        """Six standard errors around the means; a probability of mean m has at most the variance m (1 - m)."""
        means = super().finalize(state)
        seen = np.where(state.rows > 0, means, 0.5)
        rows = np.maximum(state.rows, 1)
        miss = _SURE * (np.sqrt(np.maximum(seen * (1 - seen), 0) / rows) + 1 / rows)
        high = np.where(state.rows > 0, seen + miss, np.inf)
        return Bounds(np.where(state.rows > 0, seen - miss, 0), high, np.zeros((len(seen), len(seen))))


@dataclass(frozen=True)
class CountedRows:
    """The counts of one pass."""

    joint: Counts
    """(k, k) rows by given label and by class confidently seen, if the bounds decide it; not calibrated."""
    class_counts: Counts
    """(k,) rows given each label."""
    doubted: Counts
    """(k,) rows given each label in which the model prefers another class."""
    total: ExactSum
    """(k,) probabilities of the given labels, label by label."""

    @property
    def thresholds(self) -> ClassVector:
        """(k,) of all rows."""
        return thresholds_of_sums(self.total, self.class_counts)


@dataclass(frozen=True)
class ConfidentRows(SumFold[CountedRows]):
    """For each row the label, the class that the model prefers and the score; the fold counts the joint.

    The score is one minus the probability of the label. Two tables of fewer rows have columns of their own:
    ``candidates.…`` are those of `MarginCandidates`, and ``unsettled.labels`` and ``unsettled.probs`` are the rows that
    the bounds do not decide.
    """

    bounds: Bounds
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")

    def init(self) -> CountedRows:
        """No rows."""
        k = len(self.bounds.low)
        zeros = np.zeros(k, dtype=np.int64)
        return CountedRows(np.zeros((k, k), dtype=np.int64), zeros, zeros, exact_zero(k))

    def update(self, state: CountedRows, chunk: Chunk) -> CountedRows:
        """Counts the chunk's rows."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, CountedRows]:
        """The answers for the chunk's rows, and their counts."""
        labels, probs = chunk["labels"], chunk["probs"]
        found = bounded_rows(labels, probs, self._threshold_bounds(probs.dtype))
        if not found.fine:
            check_labels_and_probs(labels, probs)
        answers = {
            "row": chunk["row"],
            "given": labels.astype(found.largest.dtype),
            "suggested": found.largest,
            "score": found.others,
            **{f"candidates.{name}": column for name, column in vars(self._candidates(chunk, found.above)).items()},
            "unsettled.labels": labels[found.unsettled],
            "unsettled.probs": probs[found.unsettled],
        }
        return answers, CountedRows(found.pairs, found.rows, found.doubted, found.total)

    def _threshold_bounds(self, dtype: np.dtype[Any]) -> ThresholdBounds:
        bounds = self.bounds
        return ThresholdBounds(
            with_slack(bounds.low, dtype), with_slack(bounds.high, dtype), bounds.least_margins(dtype), SLACK
        )

    def _candidates(self, chunk: Chunk, found: MarginsAbove) -> MarginCandidates:
        k = len(self.bounds.low)
        cells = (chunk["labels"][found.rows] * k + found.columns).astype(code_type(k * k))
        return MarginCandidates(chunk["row"][found.rows], cells, found.margins)
