"""Hardness by the labels of similar rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from dechaff.core.neighbours import euclidean_rows, nearest, sparse_euclidean_rows
from dechaff.typing import Labels, Numbers


def neighbour_impurity(labels: Labels, features: Any, *, count: int = 10) -> Numbers:
    """Fraction of the nearest rows that have another label: rows amid their own class are easy.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    features : (n, d) dense or sparse matrix of finite numbers
        Columns on one scale; rows are compared by Euclidean distance.
    count : number of neighbours, at least 1

    Returns
    -------
    (n,) float in [0, 1]
        Higher = harder.

    Source
    ------
    Lorena, Garcia, Lehmann, Souto, Ho (2019), How complex is your classification problem?, ACM Computing Surveys 52,
    neighbourhood measures. Differs: several neighbours, and a figure for each row.

    Examples
    --------
    >>> neighbour_impurity(np.array([0, 0, 1, 1]), np.array([[0.0], [0.1], [0.2], [9.0]]), count=1)
    array([0., 0., 1., 0.])
    """
    comparable = sparse_euclidean_rows(features) if hasattr(features, "tocsr") else euclidean_rows(features)
    ids = nearest(comparable, max(1, min(count, len(labels) - 1))).ids
    others = (labels[ids] != labels[:, None]) & (ids >= 0)
    return np.asarray(others.sum(axis=1) / np.maximum((ids >= 0).sum(axis=1), 1))
