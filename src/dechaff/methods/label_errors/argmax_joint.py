"""The confident joint of cleanlab: a row that reaches several thresholds counts for its most probable class."""

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
class ArgmaxClass:
    """The row map: the class reached; the most probable class of the row if several are; -1 if none is."""

    thresholds: ClassVector
    columns: ClassVar[tuple[str, ...]] = ("probs",)
    of_reached: ClassVar[bool] = False

    def rows(self, chunk: Chunk) -> npt.NDArray[np.int32]:
        """The class of each row; -1 if no threshold is reached."""
        probs = chunk["probs"]
        return reached_class(probs, with_slack(self.thresholds, probs.dtype), of_reached=self.of_reached)


def argmax_joint(labels: Labels, probs: Probs) -> npt.NDArray[np.int64]:
    """Counts of rows by given label and by the class confidently seen, collisions settled by the row's argmax.

    The argmax of a row need not reach its own threshold, so such a row counts for a class of which the model is *not*
    confident. For compatibility with cleanlab; `confident_joint` follows the paper.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    (k, k) int
        Rows labelled i that are counted for j.

    Raises
    ------
    InputError
        If lengths differ, a label has no column of `probs`, or a row of `probs` does not sum to 1.

    Source
    ------
    cleanlab 2.9, ``compute_confident_joint(calibrate=False)``. Differs: an empty diagonal stays 0.

    Examples
    --------
    The last two rows reach the thresholds (.2 and .3) of classes 1 and 2, not that of class 0 (.6):

    >>> import numpy as np
    >>> argmax_joint(np.array([0, 1, 2]), np.array([[0.6, 0.2, 0.2], [0.5, 0.2, 0.3], [0.5, 0.2, 0.3]]))
    array([[1, 0, 0],
           [1, 0, 0],
           [1, 0, 0]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    thresholds: ClassVector = over_arrays(labels=labels, probs=probs)(ConfidentThresholds(probs.shape[1]))
    return pairs_counted(labels, ArgmaxClass(thresholds).rows({"probs": probs}), len(thresholds))
