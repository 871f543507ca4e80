"""A confident joint scaled so that its rows add up to the labels that were really given."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError


def calibrated_joint(joint: npt.NDArray[np.int64], class_counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Estimated counts of all rows by given label (row) and true label (column).

    The confident joint leaves out the rows in which no class is confident, more of them in some classes than
    in others. Here row i is scaled to the number of labels i and rounded to whole rows, the largest
    remainders first and the lower class first among equals, so that every machine rounds alike.

    Parameters
    ----------
    joint : (k, k) int
        Of `confident_joint`.
    class_counts : (k,) int
        Rows given each label.

    Returns
    -------
    (k, k) int
        Row i adds up to ``class_counts[i]``. A class of which no row is confident stays on its diagonal.

    Raises
    ------
    InputError
        Where the two differ in their number of classes.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, equation 3. Differs from cleanlab 2.9 among equal remainders,
    which it breaks by an unstable sort that depends on the processor.

    Examples
    --------
    >>> import numpy as np
    >>> calibrated_joint(np.array([[1, 1], [0, 1]]), np.array([4, 2]))
    array([[2, 2],
           [0, 2]])
    """
    k = len(class_counts)
    if joint.shape != (k, k):
        raise InputError(
            "joint",
            f"have one row and one column for each of the {k} classes of class_counts",
            f"shape {joint.shape}",
            "Compute both from the same labels and probs.",
        )
    counted = joint.astype(np.float64)
    diagonal = np.arange(k)
    counted[diagonal, diagonal] = np.maximum(counted[diagonal, diagonal], 1.0)
    scaled = counted / counted.sum(axis=1, keepdims=True) * class_counts[:, None]
    return np.stack([_rounded(row, total) for row, total in zip(scaled, class_counts.tolist(), strict=True)])


def _rounded(row: npt.NDArray[np.float64], total: int) -> npt.NDArray[np.int64]:
    """Whole numbers near `row` that add up to `total`."""
    whole = np.floor(row).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - row, kind="stable")[:missing]] += 1
    return whole
