"""The names of rows, on disk: looked up in the order of rows, or a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.files import write_whole
from dechaff.data.columns.cells import texts
from dechaff.recipe.outcome.row_store import RowColumn, RowStore
from dechaff.records.run import parquet_bytes
from dechaff.typing import Texts


@dataclass(frozen=True)
class RowIds:
    """Names by row number: those of an id column, kept block by block, or the numbers themselves."""

    folder: Path | None
    starts: tuple[int, ...] = ()
    _kept: Callable[[Path], list[str]] = field(default_factory=lambda: lru_cache(maxsize=4)(_names), compare=False)
    """Of this run alone: another one may put other names into files of the same paths."""

    def keep(self, first_row: int, ids: Texts) -> None:
        """The names of one block."""
        if self.folder is not None:
            frame = pl.DataFrame({"id": pl.Series(ids.astype(str), dtype=pl.String)})
            write_whole(self._path(first_row), parquet_bytes(frame), to_disk=False)

    def of(self, rows: npt.NDArray[np.int64]) -> Texts:
        """The names of some rows, best in their order."""
        if self.folder is None:
            return texts(list(map(str, rows.tolist())))
        return texts([self.name(row) for row in rows.tolist()])

    def name(self, row: int) -> str:
        """The name of one row."""
        if self.folder is None:
            return str(row)
        start = self.starts[int(np.searchsorted(self.starts, row, side="right")) - 1]
        return str(self._kept(self._path(start))[row - start])

    def _path(self, first_row: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{first_row:012d}.parquet"


def _names(path: Path) -> list[str]:
    return pl.read_parquet(path)["id"].to_list()


@dataclass(frozen=True)
class RowsSeen:
    """Row columns: ``code`` of each label, ``unit`` and ``key`` hashes, and which rows train."""

    codes: RowColumn
    units: RowColumn
    keys: RowColumn
    trains: RowColumn
    ids: RowIds

    @classmethod
    def of(cls, store: RowStore, ids: RowIds) -> RowsSeen:
        """The columns of a finished pass."""
        codes, units, keys, trains = (store.open(name) for name in ("code", "unit", "key", "trains"))
        return cls(codes, units, keys, trains, ids)
