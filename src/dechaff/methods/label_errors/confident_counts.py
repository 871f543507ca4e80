"""Everything that confident learning counts, in two passes over the probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_rows
from dechaff.core.kernels.row_classes import row_classes
from dechaff.methods.label_errors.candidates import SLACK, Candidates, picked_and_checked
from dechaff.methods.label_errors.confident_joint import ConfidentClass
from dechaff.methods.label_errors.confident_thresholds import thresholds_of, with_slack
from dechaff.typing import ClassVector, Labels, Probs


@dataclass(frozen=True)
class ConfidentCounts(Candidates):
    """The candidates, with the thresholds and the joint."""

    thresholds: ClassVector
    confident: npt.NDArray[np.int32]
    """(n,) class confidently seen in each row; -1 if none is."""
    joint: npt.NDArray[np.int64]
    """(k, k) rows by given label and by class confidently seen; not calibrated."""


class SeesClass(Protocol):
    """The row map that returns the class confidently seen in a row, given the thresholds."""

    of_reached: ClassVar[bool]
    """Whether the class must reach its threshold if several classes are seen."""

    def __init__(self, thresholds: ClassVector) -> None: ...


def confident_counts(
    labels: Labels, probs: Probs, *, confident_class: type[SeesClass] = ConfidentClass
) -> ConfidentCounts:
    """Thresholds, joint, candidates and the probabilities of the given labels, all at once.

    The same as `confident_thresholds`, `confident_joint` and `prune_by_argmax` in sequence, at the cost of one of them:
    the first pass reads one probability per row, the second all of them, and validates them.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities; float32 and float64 are read in place.
    confident_class : row map of the thresholds
        Which class is confidently seen in a row.

    Returns
    -------
    ConfidentCounts

    Raises
    ------
    InputError
        If `labels` and `probs` differ in length, a label has no column, or a row does not sum to 1.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equations 1 and 2.

    Examples
    --------
    >>> found = confident_counts(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    >>> found.thresholds, found.confident, found.doubted
    (array([0.55, 0.8 ]), array([ 0,  1,  1, -1], dtype=int32), array([False,  True, False, False]))
    """
    labels, probs, picked = picked_and_checked(labels, probs)
    thresholds = thresholds_of(picked)
    least = with_slack(thresholds, probs.dtype)
    seen = row_classes(labels, probs, least, slack=SLACK, of_reached=confident_class.of_reached)
    if not seen.fine:
        check_rows(probs)
    return ConfidentCounts(
        labels, probs, picked.given, seen.ahead, picked.rows, thresholds, confident=seen.reached, joint=seen.pairs
    )
