"""How sure the model is of a class, on average over the rows that carry its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import ExactSum, exact_zero
from dechaff.core.fold import SumFold
from dechaff.core.kernels.given_sums import GivenSums, given_sums
from dechaff.core.over_arrays import over_arrays
from dechaff.typing import Chunk, ClassVector, Labels, Probs

THRESHOLD_SLACK = 1e-6
"""Tolerance below the threshold: thresholds are means, and some rows are exactly on them."""
LEAST_THRESHOLD = 2e-6
"""Of a class that the model never sees: rows that give it nothing must not reach it."""


def with_slack(thresholds: ClassVector, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """What a probability must reach, in the precision of the probabilities."""
    slack = dtype.type(THRESHOLD_SLACK)
    return np.asarray(np.maximum(thresholds, LEAST_THRESHOLD).astype(dtype) - slack)


@dataclass(frozen=True)
class Confidences:
    """Probabilities of the given labels, label by label, and their number."""

    total: ExactSum
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True)
class ConfidentThresholds(SumFold[Confidences]):
    """The fold behind `confident_thresholds`: sums and counts by given label."""

    n_classes: int
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def init(self) -> Confidences:
        """No rows of any class."""
        return Confidences(exact_zero(self.n_classes), np.zeros(self.n_classes, dtype=np.int64))

    def update(self, state: Confidences, chunk: Chunk) -> Confidences:
        """Adds the rows' probabilities of their given labels."""
        labels, probs = chunk["labels"], chunk["probs"]
        found = given_sums(labels, probs)
        if not found.fine:  # sums of anything else make no sense, and of NaN there are none
            check_labels_and_probs(labels, probs)
        return self.merge(state, Confidences(found.total, found.rows))

    def finalize(self, state: Confidences) -> ClassVector:
        """Means; infinite for a class without rows."""
        means = state.total.value() / np.maximum(state.rows, 1)
        return np.where(state.rows > 0, means, np.inf)


def thresholds_of(found: GivenSums) -> ClassVector:
    """The same as `confident_thresholds`, from the sums of one pass."""
    return thresholds_of_sums(found.total, found.rows)


def thresholds_of_sums(total: ExactSum, rows: npt.NDArray[np.int64]) -> ClassVector:
    """The same, from the sums by label and the rows of each."""
    return ConfidentThresholds(len(rows)).finalize(Confidences(total, rows))


def confident_thresholds(labels: Labels, probs: Probs) -> ClassVector:
    """Threshold of each class: mean probability of the class over the rows that are labelled with it.

    A model that is unsure of a class, or over-sure, moves the threshold of that class, so that "confident" means the
    same thing for every class.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (k,) float
        ``t_j`` of the paper; infinite if no row carries the label, so that nothing reaches it.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equation 2. Differs from cleanlab in the marker for a class
    without rows (infinity instead of 2) and in the sum, which is exact: the same bits in any order of rows.

    Examples
    --------
    >>> confident_thresholds(np.array([0, 0, 1]), np.array([[0.75, 0.25], [0.25, 0.75], [0.5, 0.5]]))
    array([0.5, 0.5])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    thresholds: ClassVector = over_arrays(labels=labels, probs=probs)(ConfidentThresholds(probs.shape[1]))
    return thresholds
