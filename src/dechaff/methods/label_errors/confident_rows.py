"""Confident learning's second pass over rows that come in chunks: joint and candidates at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.fold import added
from dechaff.core.kernels.row_classes import row_classes
from dechaff.core.picked import picked
from dechaff.methods.label_errors.argmax_rule import SLACK
from dechaff.methods.label_errors.confident_joint import ConfidentClass
from dechaff.methods.label_errors.reached_classes import bars
from dechaff.typing import Chunk, ClassVector

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CountedRows:
    """What the pass counts."""

    joint: Counts
    """(k, k) rows by given label and by class confidently seen; not calibrated."""
    class_counts: Counts
    """(k,) rows given each label."""


@dataclass(frozen=True)
class ConfidentRows:
    """Of each row the label, its probability and the class that the model prefers to it; the fold counts the joint.

    The candidates, of which the model prefers another class, have their numbers, labels and probabilities in columns of
    their own, which are shorter: ``candidates``, ``candidate_labels`` and ``candidate_probs``.
    """

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("row", "labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> CountedRows:
        """No rows."""
        k = len(self.thresholds)
        return CountedRows(np.zeros((k, k), dtype=np.int64), np.zeros(k, dtype=np.int64))

    def update(self, state: CountedRows, chunk: Chunk) -> CountedRows:
        """Counts the chunk's rows."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def merge(self, left: CountedRows, right: CountedRows) -> CountedRows:
        """Adds the counts."""
        return added(left, right)

    def finalize(self, state: CountedRows) -> CountedRows:
        """The counts."""
        return state

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, CountedRows]:
        """What is known of the chunk's rows, and their counts."""
        labels, probs = chunk["labels"], chunk["probs"]
        k = len(self.thresholds)
        least = bars(self.thresholds, probs.dtype)
        found = row_classes(labels, probs, least, slack=SLACK, of_reached=ConfidentClass.of_reached)
        some = np.flatnonzero(found.ahead)
        candidate_probs = probs[some]
        suggested = labels.astype(np.int32)
        suggested[some] = candidate_probs.argmax(axis=1)
        answers = {
            "labels": labels.astype(np.int32),
            "given": picked(probs, np.arange(len(labels)), labels),
            "suggested": suggested,
            "candidates": chunk["row"][some],
            "candidate_labels": labels[some],
            "candidate_probs": candidate_probs,
        }
        return answers, CountedRows(found.pairs, np.bincount(labels, minlength=k))
