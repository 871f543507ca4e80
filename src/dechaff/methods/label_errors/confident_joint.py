"""Rows counted by their given label and by the class that the model confidently sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import over_arrays
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.typing import Chunk, ClassVector, Labels, Probs

THRESHOLD_SLACK = 1e-6
"""How far below its threshold a probability still counts: thresholds are means, and rows lie on them."""


def confident_class(probs: Probs, thresholds: ClassVector) -> npt.NDArray[np.int64]:
    """The most probable class among those that reach their threshold; -1 where none does."""
    reached = probs >= thresholds - THRESHOLD_SLACK
    best = np.where(reached, probs, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), best, -1).astype(np.int64)


@dataclass(frozen=True)
class ConfidentJoint:
    """The fold behind `confident_joint`, built from the thresholds of the pass before."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> npt.NDArray[np.int64]:
        """No pair counted."""
        k = len(self.thresholds)
        return np.zeros((k, k), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the rows in which some class reaches its threshold."""
        k = len(self.thresholds)
        seen = confident_class(chunk["probs"], self.thresholds)
        pairs = chunk["labels"][seen >= 0] * k + seen[seen >= 0]
        return state + np.bincount(pairs, minlength=k * k).reshape(k, k)

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the counts."""
        return left + right

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The counts."""
        return state


def confident_joint(labels: Labels, probs: Probs) -> npt.NDArray[np.int64]:
    """Counts of rows by given label and by the class that the model confidently sees in them.

    A row counts for the class of largest probability among those that reach their confident threshold, and
    not at all where none does. Off the diagonal stand the likely label errors.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.

    Returns
    -------
    (k, k) int
        ``C[i, j]`` of the paper: rows labelled i that are confidently j.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equation 1. Differs from cleanlab 2.9: where several classes
    reach their thresholds it takes the row's most probable class even if that one does not, the paper (and
    this function) the most probable of those that do; and it raises an empty diagonal to 1, which
    `calibrated_joint` does here.

    Examples
    --------
    >>> import numpy as np
    >>> confident_joint(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    array([[1, 1],
           [0, 1]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    run = over_arrays(labels=labels, probs=probs)
    joint: npt.NDArray[np.int64] = run(ConfidentJoint(run(ConfidentThresholds(probs.shape[1]))))
    return joint
