"""Rows counted by their given label and by the class that the model confidently sees, and scaled to all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.fold import SumFold
from dechaff.core.kernels.row_classes import pairs_counted, reached_class
from dechaff.core.over_arrays import over_arrays
from dechaff.errors import InputError
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
class ConfidentJoint(SumFold[npt.NDArray[np.int64]]):
    """The fold behind `confident_joint`, built from the thresholds of the pass before."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def init(self) -> npt.NDArray[np.int64]:
        """No pair counted."""
        k = len(self.thresholds)
        return np.zeros((k, k), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the rows in which some class reaches its threshold."""
        seen = ConfidentClass(self.thresholds).rows(chunk)
        return state + pairs_counted(chunk["labels"], seen, len(self.thresholds))


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
    >>> confident_joint(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    array([[1, 1],
           [0, 1]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    run = over_arrays(labels=labels, probs=probs)
    joint: npt.NDArray[np.int64] = run(ConfidentJoint(run(ConfidentThresholds(probs.shape[1]))))
    return joint


@dataclass(frozen=True)
class ArgmaxClass(ConfidentClass):
    """The row map: the class reached; the most probable class of the row if several are; -1 if none is."""

    of_reached: ClassVar[bool] = False


def argmax_joint(labels: Labels, probs: Probs) -> npt.NDArray[np.int64]:
    """Counts of rows by given label and by the class confidently seen, collisions settled by the row's argmax.

    The argmax of a row need not reach its own threshold, so such a row counts for a class of which the model is *not*
    confident. For compatibility with cleanlab; `confident_joint` follows the paper.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    (k, k) int
        Rows labelled i that are counted for j.

    Source
    ------
    cleanlab 2.9, ``compute_confident_joint(calibrate=False)``. Differs: an empty diagonal stays 0.

    Examples
    --------
    The last two rows reach the thresholds (.2 and .3) of classes 1 and 2, not that of class 0 (.6):

    >>> argmax_joint(np.array([0, 1, 2]), np.array([[0.6, 0.2, 0.2], [0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
    array([[1, 0, 0],
           [1, 0, 0],
           [1, 0, 0]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    thresholds: ClassVector = over_arrays(labels=labels, probs=probs)(ConfidentThresholds(probs.shape[1]))
    return pairs_counted(labels, ArgmaxClass(thresholds).rows({"probs": probs}), len(thresholds))


def calibrated_joint(joint: npt.NDArray[np.int64], class_counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Estimated counts of all rows by given label (row) and true label (column).

    The confident joint leaves out the rows in which no class is confident, more of them in some classes than
    in others. Here row i is scaled to the number of labels i and rounded to whole rows, the largest
    remainders first and the lower class first among equals; in whole numbers, so that every machine rounds alike.

    Parameters
    ----------
    joint : (k, k) int
        Of `confident_joint`.
    class_counts : (k,) int
        Rows given each label.

    Returns
    -------
    (k, k) int
        Row i adds up to ``class_counts[i]``. A class none of whose rows is confidently its own counts one that is.

    Raises
    ------
    InputError
        If the two differ in their number of classes.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equation 3. Differs from cleanlab 2.9 among equal remainders, which
    it breaks by the rounding of floats and by an unstable sort that depends on the processor.

    Examples
    --------
    >>> calibrated_joint(np.array([[1, 1], [0, 1]]), np.array([4, 2]))
    array([[2, 2],
           [0, 2]])
    """
    return scaled_joint(with_some_diagonal(joint), class_counts)


def with_some_diagonal(joint: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The joint with at least one row of each class taken for right."""
    raised = joint.copy()
    np.fill_diagonal(raised, np.maximum(joint.diagonal(), 1))
    return raised


def scaled_joint(joint: npt.NDArray[np.int64], class_counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`calibrated_joint` of a joint whose diagonal is taken as it is; a row of zeros stays one."""
    k = len(class_counts)
    if joint.shape != (k, k):
        raise InputError(
            "joint",
            f"have one row and one column for each of the {k} classes of class_counts",
            f"shape {joint.shape}",
            "Compute both from the same labels and probs.",
        )
    cells = np.flatnonzero(joint)  # of many classes, few pairs are seen
    rows = cells // k
    whole, rest = np.divmod(joint.reshape(-1)[cells] * class_counts[rows], joint.sum(axis=1)[rows])
    starts = np.searchsorted(rows, np.arange(k + 1))
    order = np.lexsort((cells, -rest, rows))
    rank = np.arange(len(cells)) - starts[rows]
    scaled = np.zeros((k, k), dtype=np.int64)
    np.put(scaled, cells, whole)
    missing = class_counts - scaled.sum(axis=1)
    scaled.reshape(-1)[cells[order[rank < missing[rows]]]] += 1
    return scaled
