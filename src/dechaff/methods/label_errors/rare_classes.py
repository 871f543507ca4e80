"""Classes with so few rows that nothing can be learned or checked about them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassVector

ENOUGH_ROWS = 10
"""Two in each of five folds: the least from which a mean and a disagreement can be told."""


def rare_classes(counts: npt.NDArray[np.int64], *, enough: int = ENOUGH_ROWS) -> ClassVector:
    """How rare each class is: 0 with enough rows, and the nearer to 1 the fewer it has.

    Parameters
    ----------
    counts : (k,) int64, rows of each class
    enough : number of rows from which on a class is not rare

    Returns
    -------
    (k,) float in [0, 1]

    Source
    ------
    Own rule on the number of rows, not on the share: what a model needs does not grow with the other classes.

    Examples
    --------
    >>> rare_classes(np.array([500, 4, 0]))
    array([0. , 0.6, 1. ])
    """
    return np.asarray(np.clip(1 - counts / enough, 0.0, 1.0), dtype=np.float64)
