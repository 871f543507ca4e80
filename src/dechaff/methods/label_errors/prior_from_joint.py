"""The latent prior as the columns of the joint add up."""

from __future__ import annotations

from dechaff.methods.label_errors.least_prior import kept_above_zero
from dechaff.typing import ClassMatrix, ClassVector


def prior_from_joint(joint: ClassMatrix) -> ClassVector:
    """Share of each true class: the sum of its column of the joint.

    Parameters
    ----------
    joint : (k, k) int or float
        Counts or shares of rows by given label (row) and true class (column). Of a calibrated joint, unless the
        labels are all given equally often: `confident_joint` leaves out more rows of some labels than of others.

    Returns
    -------
    (k,) float, sums to 1
        At least 1e-6 each.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(true = j) = sum over i of Q(i, j); cleanlab 2.9,
    ``py_method="marginal"``.

    Examples
    --------
    >>> import numpy as np
    >>> prior_from_joint(np.array([[3, 1], [2, 4]]))
    array([0.5, 0.5])
    """
    of_class = joint.sum(axis=0)
    return kept_above_zero(of_class / of_class.sum())
