"""The few candidate classes of each row: the most probable ones, and the given one.

Of a thousand classes about five are relevant in each row. They are selected once, by a partial sort of integers (the
bits of a probability, with the class in the lowest bits, so that ties go to the lower class on every machine); all
later steps work on a handful of columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.core.exact_sum import exact_sum_by
from dechaff.core.kernels.row_classes import pairs_counted
from dechaff.core.kernels.row_posteriors import NearProbs, most_probable
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_thresholds import Confidences, ConfidentThresholds
from dechaff.typing import Chunk

MOST_NEAR = 7
"""Most classes kept per row. With 3 the deconvolution of ten classes loses .11 of average precision if two fifths of
the labels are wrong, with 4 .02, with 5 .003, with 6 nothing; the seventh corrects the sum of scores."""


SMALLEST_LOG = float(np.log(1e-4))
"""Smaller probabilities are compressed where noise is read: a model trained on some thousand rows cannot estimate
them. Where rows are ranked they are not: they are what is most certain of a row."""
_SLOPE = 0.02
"""Of the log-probability below `SMALLEST_LOG`, so that the order is kept."""


def compressed(near: npt.NDArray[np.float32], n_classes: int) -> npt.NDArray[np.float32]:
    """The lines of `NearClasses` without tiny probabilities."""
    lines = near.copy()
    logs = lines[:, near_count(n_classes) :]
    np.maximum(logs, np.float32(_SLOPE) * logs + np.float32((1 - _SLOPE) * SMALLEST_LOG), out=logs)
    return lines


@dataclass(frozen=True)
class NearClasses:
    """The row map to (n, 2 m + 1) float32: m classes, the most probable first and the given one among them, their
    log-probabilities, and the mean log-probability of each class left out."""

    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        """One line per row."""
        m = near_count(self.n_classes)
        classes, shares = most_probable(chunk["labels"], chunk["probs"], m)
        lines = np.empty(
            (2 * m + 1, len(chunk["labels"])), dtype=np.float32
        )  # one column per row, as what follows has it
        lines[:m] = classes
        lines[m:] = np.log(shares, out=shares)
        return lines.T


def near_count(n_classes: int) -> int:
    """How many classes of a row are kept."""
    return min(n_classes, MOST_NEAR)


def near_probs(near: npt.NDArray[np.float32], n_classes: int, power: float) -> NearProbs:
    """The lines of `NearClasses` with their probabilities raised to a power (one over the temperature)."""
    m = near_count(n_classes)
    columns = np.ascontiguousarray(near.T)
    logs = columns[m:]
    raised = np.float32(power) * logs
    raised -= raised[0].copy()  # the largest
    np.exp(raised, out=raised)
    raised[m] *= n_classes - m
    raised /= raised[:m].sum(axis=0) + raised[m]  # sums of 8 terms and more may depend on the number of rows
    return NearProbs(columns[:m].astype(np.intp), raised[:m], raised[m], logs[:m])


_SLACK = np.float32(1e-6)


@dataclass(frozen=True)
class NearThresholds(ConfidentThresholds):
    """The fold to `confident_thresholds` of calibrated probabilities."""

    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def update(self, state: Confidences, chunk: Chunk) -> Confidences:
        """Adds the rows' probabilities of their given labels."""
        labels, near = chunk["labels"], near_probs(chunk["near"], self.n_classes, self.power)
        given = np.where(near.classes == labels, near.probs, 0).sum(axis=0, dtype=np.float64)
        rows = np.bincount(labels, minlength=self.n_classes)
        return self.merge(state, Confidences(exact_sum_by(labels, given, self.n_classes), rows))


@dataclass(frozen=True)
class NearJoint(ConfidentJoint):
    """The fold to `confident_joint` of calibrated probabilities, among the near classes of each row."""

    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the rows in which some class reaches its threshold."""
        k = len(self.thresholds)
        near = near_probs(chunk["near"], k, self.power)
        reached = near.probs >= (self.thresholds.astype(np.float32) - _SLACK).take(near.classes)
        first = near.classes[reached.argmax(axis=0), np.arange(len(chunk["labels"]))]
        return state + pairs_counted(chunk["labels"], np.where(reached.any(axis=0), first, -1).astype(np.int32), k)
