"""Hashes of the content of rows, by which they are compared, sorted and assigned to folds."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import Hashes, mixed, row_hash, row_hash_128
from dechaff.core.table import Column
from dechaff.data.columns.cells import Cells
from dechaff.data.dataset import Dataset, Opened
from dechaff.recipe.outcome.row_store import RowStore
from dechaff.typing import Mask

_STRIDE = np.uint64(0x9E3779B97F4A7C15)


def content_hashes(cells: Sequence[npt.NDArray[Any]], n_rows: int) -> Hashes:
    """(n, 2) numbers, both the same for rows that are equal in all of these columns of comparable cells.

    Of any number of different rows no two share both, as of `row_hash_128`.
    """
    return _summed(row_hash_128, cells, np.zeros((n_rows, 2), dtype=np.uint64))


def first_hashes(cells: Sequence[npt.NDArray[Any]], n_rows: int) -> npt.NDArray[np.uint64]:
    """(n,) the first of the numbers of `content_hashes`, for half the work."""
    return _summed(row_hash, cells, np.zeros(n_rows, dtype=np.uint64))


def _summed(hashed: Callable[[Any], Hashes], cells: Sequence[npt.NDArray[Any]], total: Hashes) -> Hashes:
    for place, column in enumerate(cells):
        hashes = hashed(column.reshape(-1, 1) if column.dtype.kind == "f" else column)
        total += mixed(hashes ^ mixed(np.array([place + 1], dtype=np.uint64) * _STRIDE))
    return total


def blank_rows(data: Dataset, compared: Sequence[Column]) -> Mask:
    """Rows in which every compared column is empty."""
    columns = [data.table[column.name].missing for column in compared]
    if not columns:
        return np.full(len(data), data.features is None)
    return np.asarray(np.logical_and.reduce(columns), dtype=bool)


def unit_hashes(contents: Hashes, group: Cells | None) -> Hashes:
    """The unit of each row: its group, or its content where it has none."""
    if group is None:
        return contents
    named = row_hash(group.raw) ^ np.uint64(0x5555555555555555)
    return np.where(group.missing, contents, named)


def data_hashes(data: Dataset) -> Hashes:
    """(n,) a hash of the content of each row, label aside: of its columns and features, or else of its probabilities.

    Images count by the hashes of their files, as they are part of the keys of the rows.
    """
    columns = [column for column in data.table.columns if column.kind != "image"]
    total = first_hashes([comparable_cells(column) for column in columns], len(data))
    if data.features is not None:
        total += row_hash(data.features)
    elif not data.table.columns and data.probs is not None:
        total += row_hash(data.probs)
    if len(columns) < len(data.table.columns):
        total += row_hash(np.array([key.partition(":")[0] for key in data.keys.tolist()], dtype=object))
    return total


def comparable_cells(column: Column) -> npt.NDArray[Any]:
    """The cells of one column as values that are equal where the cells count as equal."""
    if column.kind == "image":
        return np.array([_fingerprint(path) for path in column.values], dtype=object)
    if column.kind == "text":
        return np.array([_plain(text) for text in column.values], dtype=object)
    return column.values


def _plain(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def _fingerprint(path: str) -> str:
    """Hash of the file; its path where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return path


def in_content_order(opened: Opened) -> Opened:
    """The same rows, sorted by the hash of their content, then by label and group; equal rows as in the file.

    Folds, samples and sums that follow the order of rows are then the same for every order of the file. ``positions``
    still say where each row stands. The columns of training rows know their distinct cells.
    """
    train, test = opened.train, opened.test
    columns = tuple(one if one.kind == "image" else one.with_spellings() for one in train.table.columns)
    known = replace(train, table=replace(train.table, columns=columns))
    return Opened(_sorted(known), None if test is None else _sorted(test))


def file_order(data: Dataset) -> npt.NDArray[np.int64]:
    """(n,) places in the data set, in the order of the file."""
    return np.argsort(data.positions, kind="stable")


def rows_in_content_order(store: RowStore, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Some rows of a source, sorted as by `in_content_order`, from the columns ``content`` and ``code``."""
    return rows[np.lexsort((rows, store.open("code")[rows], store.open("content")[rows]))]


def _sorted(data: Dataset) -> Dataset:
    order = np.lexsort((data.positions, data.groups, data.codes, data_hashes(data)))
    return data.take(order)
