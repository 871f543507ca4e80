"""What each given label stands for, from the counts of given and true labels."""

from __future__ import annotations

from dechaff.methods.label_errors.noise_matrix import noise_matrix
from dechaff.typing import ClassMatrix


def inverse_noise_matrix(joint: ClassMatrix) -> ClassMatrix:
    """Chance of each true class, for each given label: ``M[j, i]`` = p(true = j | given = i).

    It is the inverse by the rule of Bayes, not the matrix inverse of the noise matrix.

    Parameters
    ----------
    joint : (k, k) int or float
        Counts or shares of rows by given label (row) and true class (column), as of `calibrated_joint`.

    Returns
    -------
    (k, k) float, columns sum to 1
        A label that is never given is taken to stand for its class.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(true = j | given = i) = Q(i, j) / sum over j of Q(i, j).

    Examples
    --------
    >>> import numpy as np
    >>> inverse_noise_matrix(np.array([[6, 2], [1, 3]]))
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    return noise_matrix(joint.T)
