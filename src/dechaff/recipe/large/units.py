"""What no fold may part: rows of equal content, rows of one group, and whatever is tied to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.core.row_hash import Hashes, mixed, row_hash, row_hash_128
from dechaff.core.table import Column, Table
from dechaff.data.cells import Cells
from dechaff.recipe.detectors.view import comparable_cells

N_FOLDS = 5
_STRIDE = np.uint64(0x9E3779B97F4A7C15)


def content_hashes(table: Table, compared: Sequence[Column]) -> Hashes:
    """(n, 2) numbers, both the same for rows that are equal in the compared columns; the names of columns count.

    Of any number of different rows no two share both, as of `row_hash_128`.
    """
    total = np.zeros((len(table), 2), dtype=np.uint64)
    for place, column in enumerate(compared):
        cells = comparable_cells(table[column.name])
        hashes = row_hash_128(cells.reshape(-1, 1) if cells.dtype.kind == "f" else cells)
        total += mixed(hashes ^ mixed(np.array([place + 1], dtype=np.uint64) * _STRIDE))
    return total


def unit_hashes(contents: Hashes, group: Cells | None) -> Hashes:
    """The unit of each row: its group, or its content where it has none."""
    if group is None:
        return contents
    named = row_hash(group.raw) ^ np.uint64(0x5555555555555555)
    return np.where(group.missing, contents, named)


def folds_of(units: Hashes, *, seed: int, n_folds: int = N_FOLDS) -> npt.NDArray[np.int8]:
    """The fold of each unit, by its hash: the same in every pass and for every order of rows."""
    lots = mixed(units ^ mixed(np.array([seed + 3], dtype=np.uint64)))
    return (lots % np.uint64(n_folds)).astype(np.int8)
