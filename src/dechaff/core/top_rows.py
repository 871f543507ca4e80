"""The rows of highest score, ties by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask


def top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    """Marks the `wanted` rows of highest score; of equal ones the first.

    A selection, not a sort; and never an unstable sort, whose ties fall differently from one processor to the next.

    Parameters
    ----------
    score : (n,) float
        Higher = wanted first; not NaN.
    wanted : int
        How many; none where it is not positive, all where it is n or more.

    Examples
    --------
    >>> import numpy as np
    >>> top_rows(np.array([0.5, 0.9, 0.5, 0.5]), 2)
    array([ True,  True, False, False])
    """
    n = len(score)
    if not 0 < wanted < n:
        return np.full(n, wanted >= n and n > 0)
    edge = np.partition(score, n - wanted)[n - wanted]
    top = np.asarray(score > edge)
    ties = np.flatnonzero(score == edge)
    top[ties[: wanted - np.count_nonzero(top)]] = True
    return top
