"""The rows most like a given row, in the model's own representation: evidence that a person can compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.neighbours import Search, euclidean_rows, nearest, sparse_cosine_rows
from dechaff.models.model import EncodedBound


def nearest_rows(bound: Any, rows: npt.NDArray[np.int64], *, count: int) -> npt.NDArray[np.int64]:
    """Positions (m, count) of the nearest other rows, the nearest first; (m, 0) where rows cannot be compared.

    Sparse representations (texts) are compared by their angle, dense ones by distance with every number on the
    same scale and missing ones at the mean.

    Parameters
    ----------
    bound : a model bound to n rows
    rows : (m,) int
        The rows whose neighbours are wanted; few, since each is compared with all.
    count : number of neighbours; fewer where there are not so many rows.
    """
    matrix = bound.matrix if isinstance(bound, EncodedBound) and _holds_numbers(bound.matrix) else None
    count = 0 if matrix is None else min(count, matrix.shape[0] - 1)
    if matrix is None or count <= 0 or len(rows) == 0:
        return np.zeros((len(rows), 0), dtype=np.int64)
    comparable: Any
    if hasattr(matrix, "tocsr"):
        comparable, queries = sparse_cosine_rows(matrix), matrix.tocsr()[rows]
    else:
        scaled = _scaled(np.asarray(matrix))
        comparable, queries = euclidean_rows(scaled), scaled[rows]
    few = Search(exact_up_to=len(comparable.usable))
    return nearest(comparable, count, queries=queries, queries_apart=rows, search=few).ids


def _holds_numbers(matrix: Any) -> bool:
    """A user's own estimator is handed texts or a data frame, which nobody has turned into numbers."""
    from scipy.sparse import issparse

    dense = isinstance(matrix, np.ndarray) and matrix.ndim == 2 and matrix.dtype.kind in "fiub"
    return dense or bool(issparse(matrix))


def _scaled(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    values = matrix.astype(np.float64)
    values[:, np.isnan(values).all(axis=0)] = 0.0  # numpy warns of columns without a number
    mean = np.nan_to_num(np.nanmean(values, axis=0, keepdims=True))
    spread = np.nanstd(values, axis=0, keepdims=True)
    return np.asarray(np.nan_to_num((values - mean) / np.where(spread > 0, spread, 1.0)))
