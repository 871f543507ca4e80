"""Rows counted by their given label and by the class that the model confidently sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.kernels.row_classes import pairs_counted, reached_class
from dechaff.core.over_arrays import over_arrays
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds, with_slack
from dechaff.typing import Chunk, ClassVector, Labels, Probs


@dataclass(frozen=True)
class ConfidentClass:
    """The row map that returns the class that the model confidently sees: the most probable of those reached, or -1."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("probs",)
    of_reached: ClassVar[bool] = True

    def rows(self, chunk: Chunk) -> npt.NDArray[np.int32]:
        """The class of each row; -1 if no threshold is reached."""
        probs = chunk["probs"]
        return reached_class(probs, with_slack(self.thresholds, probs.dtype), of_reached=self.of_reached)


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
        seen = ConfidentClass(self.thresholds).rows(chunk)
        return state + pairs_counted(chunk["labels"], seen, len(self.thresholds))

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the counts."""
        return left + right

    def finalize(self, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The counts."""
        return state


def confident_joint(labels: Labels, probs: Probs) -> npt.NDArray[np.int64]:
    """Counts of rows by given label and by the class that the model confidently sees in them.

    A row counts for the most probable of the classes that reach their confident threshold, and is not counted if none
    does. The likely label errors are off the diagonal.

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

    Raises
    ------
    InputError
        If lengths differ, a label has no column of `probs`, or a row of `probs` does not sum to 1.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equation 1. Differs from cleanlab 2.9: if several classes reach their
    thresholds it takes the row's most probable class even if that one does not, the paper (and this function) the most
    probable of those that do (`argmax_joint` follows cleanlab); and it raises an empty diagonal to 1, which
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
