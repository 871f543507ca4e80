"""A confident joint scaled so that its rows add up to the labels that were really given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError


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
    >>> import numpy as np
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
