"""Rows in an order that follows from what they hold, so that an audit finds the same however the file is sorted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.recipe.outcome.row_store import RowStore


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
    """Some rows of a source, sorted as by `in_content_order`, from the columns ``content`` and ``code``."""
    return rows[np.lexsort((rows, store.open("code")[rows], store.open("content")[rows]))]


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
    order = np.lexsort((data.positions, data.groups, data.codes, data_hashes(data)))
    return data.take(order)
