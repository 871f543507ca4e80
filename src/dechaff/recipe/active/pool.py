"""A pool that is read part by part: rows with labels stay, and of the others those that may be chosen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.core.row_hash import Hashes
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading, TableFiles, has_table_files, open_files
from dechaff.data.formats.source import FilesSource
from dechaff.data.open import open_like
from dechaff.methods.active.control_arm import control_order
from dechaff.recipe.explore.content_hashes import data_hashes
from dechaff.records.options import FileOptions

Check = Callable[[Dataset], None]


@dataclass(frozen=True)
class Pool:
    """Rows of a pool, and how many it has."""

    rows: Dataset
    size: int


def read_pool(
    source: str | os.PathLike[str], train: Dataset, files: FileOptions, *, seed: int, check: Check, most: int
) -> Pool:
    """The rows of a pool; of a larger one the labelled rows, and the first of the others in the control order.

    Of the others as many are kept as are looked at, and one more for each training row, because rows that equal one
    are not chosen. So the batch is the one of all rows, in memory that does not grow with the pool.

    Parameters
    ----------
    source : rows with the columns of `train`.
    train : the labelled rows.
    files : how text files are read.
    seed : of the control order.
    check : raises an error if rows must not be in a pool; called with each part.
    most : rows without labels that are looked at.

    Raises
    ------
    DataError
        If a column is absent.
    """
    if not has_table_files(source) or train.schema.group_name:  # a group may lie in several parts
        rows = open_like(source, train, need_label=False, files=files)
        check(rows)
        return Pool(rows, len(rows))
    tables = open_files(source, Reading.of(files))
    if tables.n_rows <= most:
        rows = open_like(source, train, need_label=False, files=files)
        check(rows)
        return Pool(rows, len(rows))
    return Pool(_kept(tables, train.schema, seed, most + len(train), check), tables.n_rows)


def _kept(tables: TableFiles, schema: Schema, seed: int, most: int, check: Check) -> Dataset:
    kept, start = _First(most), 0
    for part, read in tables.scan():
        if read.n_rows:
            numbers = np.array([str(row) for row in part.rows], dtype=object)
            read = replace(read, source=FilesSource(tables, "", part.n_rows), ids=numbers)
            rows = open_like(read, schema, need_label=False)
            check(rows)
            kept.add(replace(rows, positions=rows.positions + start), control_order(data_hashes(rows), seed=seed))
            schema, start = rows.schema, start + read.n_rows
    return replace(Dataset.joined(kept.cut()), class_names=schema.class_names, schema=schema)


@dataclass
class _First:
    """Labelled rows, and the first of the others by a number for each row."""

    most: int
    parts: list[tuple[Dataset, Hashes]] = field(default_factory=list)
    limit: int = 2**64 - 1
    n_free: int = 0

    def add(self, rows: Dataset, order: Hashes) -> None:
        """Some more rows; those beyond the limit are dropped once twice as many are there as are wanted."""
        self._append(rows, order)
        if self.n_free > 2 * self.most:
            self.cut()

    def _append(self, rows: Dataset, order: Hashes) -> None:
        stay = np.flatnonzero((rows.codes >= 0) | (order <= np.uint64(self.limit)))
        if len(stay):
            self.parts.append((rows.take(stay), order[stay]))
            self.n_free += int((rows.codes[stay] < 0).sum())

    def cut(self) -> Sequence[Dataset]:
        """The rows that are wanted, in their order."""
        free = np.concatenate([order[rows.codes < 0] for rows, order in self.parts])
        if len(free) > self.most:
            self.limit = int(np.partition(free, self.most - 1)[self.most - 1])
        parts, self.parts, self.n_free = self.parts, [], 0
        for rows, order in parts:
            self._append(rows, order)
        return [rows for rows, _ in self.parts]
