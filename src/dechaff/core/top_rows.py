"""The rows of highest score, ties by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.typing import Mask

EVERY = 16
"""Where there are many rows, each sixteenth is looked at first."""
_WORTH_A_LOOK, _SURE = 2**16, 6.0


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
    top = _among_likely(score, wanted) if n >= _WORTH_A_LOOK else None
    return _top_rows(score, wanted) if top is None else top


def likely_rank(expected: Any, *, spare: float = 0.25) -> Any:
    """The rank, among rows like the others, below which most likely no wanted row lies.

    It is what is `expected` to be wanted of them, a share of that to spare, and six standard errors of so many.

    Examples
    --------
    >>> float(likely_rank(100))
    191.0
    """
    return (1 + spare) * expected + _SURE * np.sqrt(expected) + _SURE


def _among_likely(score: npt.NDArray[Any], wanted: int) -> Mask | None:
    """The same, looking closely only at rows above what some of the rows say; None where that leaves too few."""
    some = score[::EVERY]
    rank = max(1, int(likely_rank(wanted / EVERY, spare=0.1)))
    if rank >= len(some):
        return None
    likely = np.flatnonzero(score >= np.partition(some, len(some) - rank)[len(some) - rank])
    if len(likely) < wanted:
        return None
    top = np.zeros(len(score), dtype=bool)
    top[likely[_top_rows(score[likely], wanted)]] = True
    return top


def _top_rows(score: npt.NDArray[Any], wanted: int) -> Mask:
    n = len(score)
    if wanted == n:
        return np.ones(n, dtype=bool)
    edge = np.partition(score, n - wanted)[n - wanted]
    top = np.asarray(score > edge)
    ties = np.flatnonzero(score == edge)
    top[ties[: wanted - np.count_nonzero(top)]] = True
    return top
