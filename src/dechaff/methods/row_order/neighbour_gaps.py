"""Whether similar rows are close together in the file, so that rows are not independent draws."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Score

Neighbours = Annotated[npt.NDArray[np.int64], Axes("n c")]
"""The nearest other rows of each row."""

PERMUTATIONS = 99


def gap_statistic(neighbours: Neighbours) -> float:
    """Largest difference between the distribution of gaps between near rows and that of gaps between any two rows.

    Parameters
    ----------
    neighbours : (n, c) int

    Returns
    -------
    float in [0, 1]
        0 = near rows may be anywhere.

    Source
    ------
    Kolmogorov (1933), Smirnov (1948); gaps of near rows as in Cummings, Snorrason, Mueller (2023), Detecting dataset
    drift and non-IID sampling via k-nearest neighbors, arXiv 2305.15696.

    Examples
    --------
    >>> round(gap_statistic(np.array([[1], [0], [3], [2]])), 3)
    0.5
    """
    if len(neighbours) < 2 or neighbours.size == 0:
        return 0.0
    return _statistic(neighbours, np.arange(len(neighbours)))


def gap_p_value(neighbours: Neighbours, *, random: np.random.Generator, permutations: int = PERMUTATIONS) -> float:
    """Fraction of the orders of the rows that have as large a `gap_statistic` as theirs.

    Exact whatever the neighbours are, since every order of independent rows is as likely as any other. At least one
    over the number of orders.

    Parameters
    ----------
    neighbours : (n, c) int
    random : draws the orders.
    permutations : how many orders are drawn beside the given one.

    Returns
    -------
    float in (0, 1]
        Low = the order is informative.

    Source
    ------
    Phipson, Smyth (2010), Permutation p-values should never be zero, Statistical Applications in Genetics 9.

    Examples
    --------
    >>> beside = np.minimum(np.arange(60) ^ 1, 59)[:, None]
    >>> gap_p_value(beside, random=np.random.default_rng(0))
    0.01
    """
    if len(neighbours) < 2 or neighbours.size == 0:
        return 1.0
    found = gap_statistic(neighbours)
    drawn = (_statistic(neighbours, random.permutation(len(neighbours))) for _ in range(permutations))
    return (1 + sum(one >= found for one in drawn)) / (1 + permutations)


def gap_doubt(neighbours: Neighbours) -> Score:
    """How far the gaps between a row and its near rows are from those between it and any row.

    Parameters as in `gap_statistic`.

    Returns
    -------
    (n,) float in [0, 1]
        Higher = look at this row first.

    Source
    ------
    Cummings, Snorrason, Mueller (2023), the area between the two distribution functions, taken between one gap and the
    next.

    Examples
    --------
    >>> gap_doubt(np.array([[1], [0], [3], [2]])).round(2)
    array([0.21, 0.17, 0.24, 0.27])
    """
    n, count = neighbours.shape
    if n < 2 or neighbours.size == 0:
        return np.zeros(n)
    row = np.arange(n)[:, None]
    gaps = np.sort(np.abs(neighbours - row), axis=1)
    ends = np.concatenate([gaps, np.full((n, 1), n - 1)], axis=1)
    starts = np.concatenate([np.zeros((n, 1), dtype=np.int64), gaps], axis=1)
    near = np.arange(count + 1) / count * (ends - starts)
    usual = _area_below(ends, row, n) - _area_below(starts, row, n)
    longest = np.maximum(row, n - row)[:, 0]
    return np.asarray(np.tanh(np.abs(near - usual).sum(axis=1) / longest))


def _statistic(neighbours: Neighbours, place: npt.NDArray[np.int64]) -> float:
    """Of rows at these positions."""
    n = len(neighbours)
    gaps = np.abs(place[neighbours] - place[:, None]).ravel()
    near = np.cumsum(np.bincount(gaps, minlength=n)) / len(gaps)
    usual = np.cumsum(np.concatenate([[0], n - np.arange(1, n)])) / (n * (n - 1) / 2)
    return float(np.abs(near - usual).max())


def _area_below(gap: npt.NDArray[np.int64], row: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """Area below the fraction of rows within a gap of a row, from 0 to the gap.

    Within the gap to the nearer end of the file rows stand on both sides, then on one, then there are none left.
    """
    both = np.minimum(row, n - 1 - row)
    one = np.clip(gap, both, n - 1 - both)
    area = np.minimum(gap, both) ** 2 + ((one + both) ** 2 - (2 * both) ** 2) / 2
    return np.asarray(area / (n - 1) + np.maximum(gap - (n - 1 - both), 0))
