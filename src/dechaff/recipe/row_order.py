"""Rows in an order that follows from what they hold, so that an audit finds the same however the file is sorted."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import Hashes, mixed, row_hash
from dechaff.core.table import Column
from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.row_store import RowStore

_STRIDE = np.uint64(0x9E3779B97F4A7C15)


def in_content_order(opened: Opened) -> Opened:
    """The same rows, sorted by the hash of their content, then by label and group; equal rows as in the file.

    Folds, samples and sums that follow the order of rows are then the same for every order of the file. ``positions``
    still say where each row stands.
    """
    test = opened.test
    return Opened(_sorted(opened.train), None if test is None else _sorted(test))


def file_order(data: Dataset) -> npt.NDArray[np.int64]:
    """(n,) places in the data set, in the order of the file."""
    return np.argsort(data.positions, kind="stable")


def rows_in_content_order(store: RowStore, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Some rows of a source, sorted as by `in_content_order`, from the columns ``exact`` and ``code``."""
    return rows[np.lexsort((rows, store.open("code")[rows], store.open("exact")[rows]))]


def first_in_file(groups: npt.NDArray[np.int64], positions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(n,) True for the row of each group that comes first in the file; rows without a group (-1) are False.

    Examples
    --------
    >>> first_in_file(np.array([0, -1, 0]), np.array([7, 3, 5]))
    array([False, False,  True])
    """
    order = np.argsort(positions, kind="stable")
    order = order[groups[order] >= 0]
    first = np.zeros(len(groups), dtype=np.bool_)
    first[order[np.unique(groups[order], return_index=True)[1]]] = True
    return first


def _sorted(data: Dataset) -> Dataset:
    order = np.lexsort((data.positions, data.groups, data.codes, exact_content(data)))
    return data.take(order)


def exact_content(data: Dataset) -> Hashes:
    """(n,) a number for each row, equal for rows of equal features; names of rows do not count."""
    total = np.zeros(len(data), dtype=np.uint64)
    parts: list[Any] = [_cells(column) for column in data.table.columns]
    parts += [array for array in (data.features, data.probs) if array is not None]
    for place, part in enumerate(parts, 1):
        total += mixed(row_hash(part) ^ mixed(np.array([place], dtype=np.uint64) * _STRIDE))
    return total


def _cells(column: Column) -> npt.NDArray[Any]:
    if column.kind == "image":  # by the file's name: where the folder lies must not matter
        return np.array([PurePath(path).name for path in column.values], dtype=object)
    return column.values.reshape(-1, 1) if column.values.dtype.kind == "f" else column.values
