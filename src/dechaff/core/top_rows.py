"""The rows of highest score, ties by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask

EVERY = 16
"""If there are many rows, every sixteenth is looked at first."""
_WORTH_A_LOOK, _SURE, _SPARE = 2**16, 6.0, 0.03


def top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    """Marks the `wanted` rows of highest score; of equal ones the first.

    A selection, not a sort; and never an unstable sort, whose ties fall differently from one processor to the next.

    Parameters
    ----------
    score : (n,) float
        Higher = wanted first; not NaN.
    wanted : int
        How many; none if it is not positive, all if it is n or more.

    Examples
    --------
    >>> import numpy as np
    >>> top_rows(np.array([0.5, 0.9, 0.5, 0.5]), 2)
    array([ True,  True, False, False])
    """
    top = _about_likely(score, wanted) if len(score) >= _WORTH_A_LOOK and wanted > 0 else None
    return _top_rows(score, wanted) if top is None else top


def likely_rank(expected: Any, *, spare: float = 0.25) -> Any:
    """The rank, in a sample of the rows, below which most likely no wanted row lies.

    It is the `expected` number of wanted rows, plus a spare fraction of it, plus six standard errors.

    Examples
    --------
    >>> float(likely_rank(100))
    191.0
    """
    return (1 + spare) * expected + _SURE * np.sqrt(expected) + _SURE


def _about_likely(score: npt.NDArray[Any], wanted: int) -> Mask | None:
    """The same, comparing only rows near the threshold that a sample of the rows suggests; None if that fails."""
    some, expected = score[::EVERY], wanted / EVERY
    most = int(likely_rank(expected, spare=_SPARE))
    least = min(int(2 * expected) - most, most)
    if not 0 < most < len(some):
        return None
    edges = np.partition(some, [len(some) - most, len(some) - max(least, 1)])
    top = score > (edges[-least] if least > 0 else np.inf)
    near = score >= edges[-most]
    near ^= top
    rows, left = np.flatnonzero(near), wanted - int(np.count_nonzero(top))
    if not 0 <= left <= len(rows):
        return None
    top[rows[_top_rows(score[rows], left)]] = True
    return top


def _top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    n = len(score)
    if not 0 < wanted < n:
        return np.full(n, wanted >= n and n > 0)
    edge = np.partition(score, n - wanted)[n - wanted]
    top = np.asarray(score > edge)
    ties = np.flatnonzero(score == edge)
    top[ties[: wanted - np.count_nonzero(top)]] = True
    return top
