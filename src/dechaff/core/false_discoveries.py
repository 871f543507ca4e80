"""Which rows to flag, so that at most a stated fraction of them is expected to be ordinary."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dechaff.typing import Numbers


def discovery_cut(n: int, n_at_most: Callable[[float], int], *, rate: float) -> float:
    """The largest p-value that is flagged; 0 if none is.

    Parameters
    ----------
    n : number of rows
    n_at_most : counts the rows whose p-value is at most a number; rows may lie anywhere.
    rate : false discovery rate, from 0 to 1
        Expected fraction of ordinary rows among the flagged ones, at most, if the p-values of ordinary rows are.

    Source
    ------
    Benjamini, Hochberg (1995), JRSS B 57. The number of rejections is the largest fixed point of counting, which takes
    a few passes instead of a sort.

    Examples
    --------
    >>> p_values = np.array([0.001, 0.02, 0.03, 0.5])
    >>> round(discovery_cut(4, lambda cut: int((p_values <= cut).sum()), rate=0.1), 4)
    0.075
    """
    found = n
    while found:
        cut = rate * found / n
        again = n_at_most(cut)
        if again == found:
            return cut
        found = min(again, found - 1)
    return 0.0


def discovery_cut_of(p_values: Numbers, *, rate: float) -> float:
    """The same for rows in memory."""
    ordered = np.sort(p_values)
    return discovery_cut(len(ordered), lambda cut: int(np.searchsorted(ordered, cut, side="right")), rate=rate)
