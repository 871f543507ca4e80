"""The nearest rows of an embedding by exact search: the same ones on every machine, in any split."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, Features, Probs

GRID = 4000
"""Unit vectors are rounded to whole numbers on this grid. By Cauchy-Schwarz every partial sum of a product stays below
2^24, where float32 counts exactly: products do not depend on the order of summation, so neither do the neighbours."""
MOST_REFERENCES = 20_000
"""Rows, evenly spaced, among which neighbours are looked for; time is one product with each of them a row."""
MOST_NEIGHBOURS = 50
_BLOCK = 256

_Directions = npt.NDArray[np.float32]

Neighbours = Annotated[npt.NDArray[np.int64], Axes("m c")]
"""(m, c) positions of the nearest rows, the nearest first; -1 where there are fewer."""


def nearest_rows(features: Features, *, count: int) -> Neighbours:
    """Positions of the rows that point in almost the same direction, seen from the mean of all.

    The row itself and its copies are left out: whoever copied a row has copied its label. Ties go to the smaller
    row number. Above 20,000 rows neighbours are looked for among 20,000 evenly spaced ones.

    Parameters
    ----------
    features : (n, d) float
    count : number of neighbours, at least 1

    Returns
    -------
    (n, count) int64
        The nearest first; -1 where there are not so many rows.

    Source
    ------
    Plain matrix products of whole numbers, exact in float32.

    Examples
    --------
    >>> nearest_rows(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0], [1.0, 0.1]]), count=2)
    array([[3, 2],
           [2, 3],
           [1, 0],
           [0, 2]])
    """
    rows = np.asarray(features, dtype=np.float64)
    return _search(_directions(rows - rows.mean(axis=0)), count, copies=False)


def nearest_outputs(probs: Probs, *, count: int) -> Neighbours:
    """The same for rows of probabilities, compared by the Bhattacharyya coefficient; rows with equal ones count.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
    count : number of neighbours, at least 1

    Returns
    -------
    (n, count) int64
        The nearest first; -1 where there are not so many rows.

    Source
    ------
    Bhattacharyya (1943): the cosine of the square roots.

    Examples
    --------
    >>> nearest_outputs(np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]), count=1).tolist()
    [[1], [0], [0]]
    """
    return _search(_directions(np.sqrt(np.asarray(probs, dtype=np.float64))), count, copies=True)


def neighbour_number(n_rows: int) -> int:
    """How many neighbours to ask: the square root of the number of rows, 50 at most."""
    return int(np.clip(np.sqrt(n_rows), 1, MOST_NEIGHBOURS))


def _search(directions: _Directions, count: int, *, copies: bool) -> Neighbours:
    """Neighbours by the largest products; rows with the same direction count where `copies` do."""
    step = 1 + (len(directions) - 1) // MOST_REFERENCES
    references = np.arange(0, len(directions), step)
    columns = np.ascontiguousarray(directions[references].T)
    squares = np.einsum("nd,nd->n", directions, directions)
    found = np.full((len(directions), count), -1, dtype=np.int64)
    for start in range(0, len(directions), _BLOCK):
        likeness = directions[start : start + _BLOCK] @ columns
        for row, products in enumerate(likeness, start):
            if not copies:  # the same point on the grid: half the squares less the product is nought, exactly
                products[products == (squares[references] + squares[row]) / 2] = -np.inf
            if row % step == 0:
                products[row // step] = -np.inf
            places = _largest(products, count)
            found[row, : len(places)] = references[places]
    return found


def _largest(products: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    """Places of the largest finite numbers, in descending order; the first of equal ones."""
    count = min(count, len(products))
    least = np.partition(products, len(products) - count)[len(products) - count]
    places = np.flatnonzero(products >= least)
    places = places[np.argsort(-products[places], kind="stable")][:count]
    return np.asarray(places[np.isfinite(products[places])], dtype=np.int64)


def _directions(rows: npt.NDArray[np.float64]) -> _Directions:
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    return np.asarray(np.rint(rows * (GRID / np.where(lengths > 0, lengths, 1.0))), dtype=np.float32)
