"""Everything that confident learning counts, in two passes over the probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_rows, check_shapes, rows_are_fine
from dechaff.core.over_arrays import map_arrays, map_together
from dechaff.core.row_map import RowMap
from dechaff.methods.label_errors.argmax_rule import PrefersAnother
from dechaff.methods.label_errors.candidates import Candidates
from dechaff.methods.label_errors.confident_joint import ConfidentClass, joint_of
from dechaff.methods.label_errors.confident_thresholds import thresholds_of
from dechaff.methods.label_errors.self_confidence import SelfConfidence
from dechaff.typing import Chunk, ClassVector, Labels, Mask, Probs


@dataclass(frozen=True)
class ConfidentCounts(Candidates):
    """The candidates, with the thresholds and the joint."""

    thresholds: ClassVector
    confident: npt.NDArray[np.int32]
    """(n,) class confidently seen in each row; -1 where none is."""
    joint: npt.NDArray[np.int64]
    """(k, k) rows by given label and by class confidently seen; not calibrated."""


@dataclass(frozen=True)
class _FineRows:
    """The row map that looks whether rows are distributions, while they are in the cache for the other maps."""

    columns: ClassVar[tuple[str, ...]] = ("probs",)

    def rows(self, chunk: Chunk) -> Mask:
        return rows_are_fine(chunk["probs"])


def confident_counts(
    labels: Labels, probs: Probs, *, confident_class: Callable[[ClassVector], RowMap] = ConfidentClass
) -> ConfidentCounts:
    """Thresholds, joint, candidates and the probabilities of the given labels, all at once.

    The same as `confident_thresholds`, `confident_joint` and `prune_by_argmax` one after the other, for the price of
    one of them: the first pass picks one probability a row, the second looks at all of them, and at whether they are
    probabilities.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities; float32 and float64 are read where they are.
    confident_class : row map of the thresholds
        Which class is confidently seen in a row.

    Returns
    -------
    ConfidentCounts

    Raises
    ------
    InputError
        Where `labels` and `probs` differ in length, a label has no column, or a row is no distribution.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equations 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> found = confident_counts(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    >>> found.thresholds, found.confident, found.doubted
    (array([0.55, 0.8 ]), array([ 0,  1,  1, -1], dtype=int32), array([False,  True, False, False]))
    """
    labels, probs = check_shapes(labels, probs)
    given = map_arrays(SelfConfidence(), labels=labels, probs=probs)
    if not ((given >= 0) & (given < 2)).all():  # sums of anything else make no sense, and NaN none at all
        check_rows(probs)
    thresholds = thresholds_of(labels, given, probs.shape[1])
    maps = [_FineRows(), confident_class(thresholds), PrefersAnother()]
    fine, confident, doubted = map_together(maps, labels=labels, probs=probs)
    if not fine.all():
        check_rows(probs)
    joint = joint_of(labels, confident, probs.shape[1])
    return ConfidentCounts(labels, probs, given, doubted, thresholds, confident, joint)
