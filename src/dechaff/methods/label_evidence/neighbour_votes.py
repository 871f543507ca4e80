"""The nearest rows of an embedding, the same ones on every machine, and what their labels say of a row's own."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours import Nearest, Search, direction_rows, nearest
from dechaff.core.row_hash import row_hash
from dechaff.typing import Axes, Features, Labels, Probs

MOST_NEIGHBOURS = 50
_USUAL = Search()

Neighbours = Annotated[npt.NDArray[np.int64], Axes("m c")]
"""(m, c) positions of the nearest rows, the nearest first; -1 if there are fewer."""


def search_rows(features: Features, *, count: int, search: Search = _USUAL) -> Nearest:
    """The rows that point in almost the same direction, seen from the mean of all.

    The row itself and its copies are left out: whoever copied a row has copied its label. Ties go to the smaller
    row number. Above 100,000 rows not quite all are found.

    Parameters
    ----------
    features : (n, d) float
    count : number of neighbours, at least 1
    search : how to look for them

    Returns
    -------
    Nearest
        ``ids`` (n, count): the nearest first, -1 if there are fewer rows; their similarity; and how they were found.

    Source
    ------
    Plain matrix products of whole numbers, exact in float32.

    Examples
    --------
    >>> search_rows(np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0], [1.0, 0.1]]), count=2).ids
    array([[3, 2],
           [2, 3],
           [1, 0],
           [0, 2]])
    """
    rows = np.asarray(features, dtype=np.float64)
    directions = direction_rows(rows - rows.mean(axis=0) if len(rows) else rows)
    copies = row_hash(directions.rows).view(np.int64)
    return nearest(directions, count, apart=copies, search=search)


def nearest_outputs(probs: Probs, *, count: int) -> Neighbours:
    """The nearest rows by the Bhattacharyya coefficient of their probabilities; rows with equal ones count.

    Parameters
    ----------
    probs : (n, k) float, rows sum to 1
    count : number of neighbours, at least 1

    Source
    ------
    Bhattacharyya (1943): the cosine of the square roots.

    Examples
    --------
    >>> nearest_outputs(np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]), count=1).tolist()
    [[1], [0], [0]]
    """
    return nearest(direction_rows(np.sqrt(np.asarray(probs, dtype=np.float64))), count).ids


def neighbour_number(n_rows: int) -> int:
    """How many neighbours to ask: the square root of the number of rows, 50 at most."""
    return int(np.clip(np.sqrt(n_rows), 1, MOST_NEIGHBOURS))


PRIOR_VOTES = 1.0
"""The class fractions count as this many neighbours, so that no class is ever impossible."""


def neighbour_votes(labels: Labels, nearest: Neighbours, n_classes: int) -> Probs:
    """Fraction of each given label among the nearest rows: p(given label | row), without a model.

    The neighbours' labels are as noisy as any, so this speaks of *given* labels, as a model trained on them does; the
    noise posterior takes the noise out of both in the same way. A row's own label never votes.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    nearest : (n, c) int
        Positions of the nearest other rows; -1 = none. Made by `search_rows`.
    n_classes : k

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Zhu, Dong, Liu (2022), Detecting corrupted labels without training a model to predict, ICML. Differs: votes are
    one more opinion beside a model's, not the verdict, and are smoothed by the class shares.

    Examples
    --------
    >>> neighbour_votes(np.array([0, 0, 1]), np.array([[1, 2], [0, 2], [0, 1]]), 2).round(2)
    array([[0.56, 0.44],
           [0.56, 0.44],
           [0.89, 0.11]])
    """
    prior = np.bincount(labels, minlength=n_classes) / max(len(labels), 1)
    counts = neighbour_counts(labels, nearest, n_classes) + PRIOR_VOTES * prior
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def neighbour_counts(labels: Labels, nearest: Neighbours, n_classes: int) -> npt.NDArray[np.float64]:
    """(m, k) how many of the nearest rows carry each label."""
    rows, places = np.nonzero(nearest >= 0)
    cells = rows * n_classes + labels[nearest[rows, places]]
    counts = np.bincount(cells, minlength=len(nearest) * n_classes)
    return np.asarray(counts.reshape(len(nearest), n_classes), dtype=np.float64)
