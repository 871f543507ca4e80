"""What each row adds to the accuracy of a nearest-neighbour model."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_same_length
from dechaff.errors import InputError
from dechaff.typing import Axes, Labels, Numbers

Neighbours = Annotated[npt.NDArray[np.int64], Axes("n c")]
"""The nearest other rows of each row, the nearest first; -1 = none."""


def knn_shapley(labels: Labels, neighbours: Neighbours, *, k: int) -> Numbers:
    """Shapley value of each row for the accuracy of the k nearest neighbours, each row predicted by the others.

    A row has a positive value if near rows have its label, and a negative one if they have others. Rows beyond the k-th
    neighbour share the small remainder evenly, and get 0, an error of at most 1/k.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    neighbours : (n, c) int, c >= k
        The nearest other rows of each, the nearest first.
    k : number of neighbours of the model.

    Returns
    -------
    (n,) float in [-1, 1]
        Low = look at this row first; 0 = changes nothing.

    Raises
    ------
    InputError
        If there are fewer than k neighbours of each row, or k is below 1.

    Source
    ------
    Jia et al. (2019), Efficient task-specific data valuation for nearest neighbor algorithms, VLDB 12, theorem 2 with
    K* = K, where ``min(K, i) / i`` is one and the recursion is ``(match of i - match of K) / K``.

    Examples
    --------
    >>> knn_shapley(np.array([0, 0, 1]), np.array([[1, 2], [0, 2], [1, 0]]), k=2).round(3)
    array([0.167, 0.167, 0.   ])
    """
    check_same_length(labels=labels, neighbours=neighbours)
    if not 1 <= k <= neighbours.shape[1] or (neighbours[:, :k] < 0).any():
        raise InputError(
            "k",
            "be at least 1, and every row must have k neighbours",
            f"{k}, with {neighbours.shape[1]} neighbours or fewer of {len(labels)} rows",
            "Take a smaller k, or look for more neighbours.",
        )
    matches = (labels[neighbours[:, :k]] == labels[:, None]).astype(np.int64)
    worth = matches - matches[:, -1:]
    # Whole numbers are added: the same bits in any order.
    total = np.zeros(len(labels), dtype=np.int64)
    np.add.at(total, neighbours[:, :k], worth)
    return total / (k * max(len(labels), 1))
