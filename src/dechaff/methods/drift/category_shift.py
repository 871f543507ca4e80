"""Whether the categories of one column are as frequent in one sample as in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.methods.drift.number_shift import Shift
from dechaff.typing import Axes

Counts = Annotated[npt.NDArray[np.int64], Axes("c")]
_FEWEST = 5
"""Rows of a category, in both samples, below which it cannot differ significantly among many others."""


@dataclass(frozen=True)
class CategoryShift(Shift):
    """The same with the category that differs most; -1 if none was compared."""

    category: int = -1


def category_shift(reference: Counts, current: Counts) -> CategoryShift:
    """Of the categories, the one whose proportion differs most significantly, by an exact test of each.

    Parameters
    ----------
    reference, current : (c,) int
        Rows of each category in either sample.

    Returns
    -------
    CategoryShift
        The p-value is corrected for the number of categories (Bonferroni); those with fewer than five rows in both
        samples together are left out, which depends on the sum alone and keeps the test exact.

    Source
    ------
    Fisher (1935), The Logic of Inductive Inference, exact test; two-sided by doubling the smaller tail.

    Examples
    --------
    >>> found = category_shift(np.array([90, 10, 0]), np.array([60, 20, 20]))
    >>> found.category, found.distance, found.p_value < 1e-4
    (2, 0.2, True)
    """
    n, m = int(reference.sum()), int(current.sum())
    tested = np.flatnonzero(reference + current >= _FEWEST)
    if not n or not m or not len(tested):
        return CategoryShift(0.0, 1.0)
    p_values = [_fisher(int(reference[at]), int(current[at]), n, m) for at in tested.tolist()]
    at = int(tested[int(np.argmin(p_values))])
    distance = abs(float(reference[at] / n - current[at] / m))
    return CategoryShift(distance, min(1.0, len(tested) * min(p_values)), at)


def _fisher(mine: int, theirs: int, n: int, m: int) -> float:
    """Two-sided p-value of `mine` of n rows and `theirs` of m."""
    from scipy.special import gammaln

    hits = mine + theirs
    possible = np.arange(max(0, hits - n), min(hits, m) + 1)

    def ways(of: int, some: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return np.asarray(gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1))

    log_chance = ways(m, possible) + ways(n, hits - possible) - ways(n + m, np.array([hits]))
    chance = np.exp(log_chance)
    return min(1.0, 2 * min(float(chance[possible >= theirs].sum()), float(chance[possible <= theirs].sum())))
