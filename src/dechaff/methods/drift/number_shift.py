"""Whether the numbers of one column are distributed alike in two samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import mean_ranks
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
    _, codes, counts = np.unique(np.concatenate([reference, current]), return_inverse=True, return_counts=True)
    n = len(reference)
    sides = [np.bincount(one, minlength=len(counts)) for one in (codes[:n], codes[n:])]
    middle = (len(codes) + 1) / 2
    folds, place = np.unique(np.abs(mean_ranks(counts) - middle), return_inverse=True)
    folded = [np.bincount(place, one, minlength=len(folds)) for one in sides]
    tests = [_kolmogorov_smirnov(*one) for one in (sides, folded)]
    best = min(tests, key=lambda one: one.p_value)
    return Shift(best.distance, min(1.0, len(tests) * best.p_value))


def mid_ranks(values: Reference) -> Reference:
    """(n,) ranks from 1; equal values share the mean of theirs."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(mean_ranks(counts)[codes])


def _kolmogorov_smirnov(reference: npt.NDArray[Any], current: npt.NDArray[Any]) -> Shift:
    """By how often each distinct value, in ascending order, occurs in either sample."""
    from scipy.special import kolmogorov

    n, m = reference.sum(), current.sum()
    distance = float(np.abs(np.cumsum(reference) / n - np.cumsum(current) / m).max())
    return Shift(distance, float(kolmogorov(distance * np.sqrt(n * m / (n + m)))))
