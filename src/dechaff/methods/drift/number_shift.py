"""Whether the numbers of one column are distributed alike in two samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes

Reference = Annotated[npt.NDArray[np.float64], Axes("n")]
Current = Annotated[npt.NDArray[np.float64], Axes("m")]


@dataclass(frozen=True)
class Shift:
    """How far two samples differ: the largest difference of a proportion, in [0, 1], and its p-value."""

    distance: float
    p_value: float


NO_SHIFT = Shift(0.0, 1.0)


def number_shift(reference: Reference, current: Current) -> Shift:
    """Largest difference between two distribution functions, or between those of the distance from the middle.

    The second one finds a change of spread, to which the first is nearly blind. The smaller p-value counts twice
    (Bonferroni). P-values are asymptotic: with ties or few numbers they are too large, never too small.

    Parameters
    ----------
    reference : (n,) float, none missing
    current : (m,) float, none missing

    Returns
    -------
    Shift
        Of the test with the smaller p-value; no shift if one sample is empty.

    Source
    ------
    Kolmogorov (1933), Smirnov (1948), two-sample test; folded ranks as in Ansari, Bradley (1960), Annals of
    Mathematical Statistics 31, for the spread.

    Examples
    --------
    >>> found = number_shift(np.arange(100.0), np.arange(50.0, 150.0))
    >>> found.distance, found.p_value < 1e-9
    (0.5, True)
    """
    if not len(reference) or not len(current):
        return NO_SHIFT
    ranks = mid_ranks(np.concatenate([reference, current]))
    folded = np.abs(ranks - (len(ranks) + 1) / 2)
    n = len(reference)
    tests = [_kolmogorov_smirnov(one[:n], one[n:]) for one in (ranks, folded)]
    best = min(tests, key=lambda one: one.p_value)
    return Shift(best.distance, min(1.0, len(tests) * best.p_value))


def mid_ranks(values: Reference) -> Reference:
    """(n,) ranks from 1; equal values share the mean of theirs."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    return np.asarray((below + np.searchsorted(ordered, values, side="right") + 1) / 2)


def _kolmogorov_smirnov(reference: Reference, current: Current) -> Shift:
    from scipy.special import kolmogorov

    n, m = len(reference), len(current)
    at = np.unique(np.concatenate([reference, current]))
    below = [np.searchsorted(np.sort(one), at, side="right") / len(one) for one in (reference, current)]
    distance = float(np.abs(below[0] - below[1]).max())
    return Shift(distance, float(kolmogorov(distance * np.sqrt(n * m / (n + m)))))
