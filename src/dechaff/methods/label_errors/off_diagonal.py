"""The rows counted off the diagonal of the confident joint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.label_errors.confident_counts import confident_counts
from dechaff.typing import Labels, Mask, Probs


def prune_off_diagonal(labels: Labels, probs: Probs) -> Mask:
    """Flags the rows that the confident joint counts for another class than the given one.

    Its number of flags is a count, not an estimate: rows in which no class is confident are never flagged.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.

    Returns
    -------
    (n,) bool

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, method 2 "C_confusion" off the diagonal. Rows of which the model
    prefers the given label are never flagged, as in cleanlab 2.9.

    Examples
    --------
    >>> import numpy as np
    >>> prune_off_diagonal(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7]]))
    array([False,  True, False, False])
    """
    counted = confident_counts(labels, probs)
    return flags_off_diagonal(counted.labels, counted.confident, counted.doubted)


def flags_off_diagonal(labels: Labels, confident: npt.NDArray[np.int32], doubted: Mask) -> Mask:
    """The flags, from the class confidently seen in each row (-1 where none is)."""
    flags = np.asarray(confident != labels)
    flags &= confident >= 0
    flags &= doubted
    return flags
