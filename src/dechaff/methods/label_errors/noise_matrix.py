"""How each true class is labelled, from the counts of given and true labels."""

from __future__ import annotations

import numpy as np

from dechaff.typing import ClassMatrix


def noise_matrix(joint: ClassMatrix) -> ClassMatrix:
    """Chance of each given label, for each true class: ``T[i, j]`` = p(given = i | true = j).

    Parameters
    ----------
    joint : (k, k) int or float
        Counts or shares of rows by given label (row) and true class (column), as of `calibrated_joint`.

    Returns
    -------
    (k, k) float, columns sum to 1
        A class of which there is no row is taken to keep its label.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(given = i | true = j) = Q(i, j) / sum over i of Q(i, j).
    Differs from cleanlab 2.9, whose column is zero where the class has no row: no distribution, and no inverse.

    Examples
    --------
    >>> import numpy as np
    >>> noise_matrix(np.array([[6, 1, 0], [2, 3, 0], [0, 0, 0]]))
    array([[0.75, 0.25, 0.  ],
           [0.25, 0.75, 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    counts = np.asarray(joint, dtype=np.float64)
    of_class = counts.sum(axis=0)
    return np.where(of_class > 0, counts / np.where(of_class > 0, of_class, 1.0), np.eye(len(counts)))
