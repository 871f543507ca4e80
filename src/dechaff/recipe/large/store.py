"""One number for each row of a source, in files of the run folder: written in any order, read in the order of rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.recipe.large.room import FULL

RowColumn = npt.NDArray[Any]
_STEP = 2**20


@dataclass(frozen=True)
class RowStore:
    """Columns of `n_rows` numbers in a folder; they are mapped, so that only what is looked at is in memory."""

    folder: Path
    n_rows: int

    def make(self, name: str, dtype: Any, fill: Any = 0) -> RowColumn:
        """A new column, the same value everywhere; an OSError where the disk has no room for it."""
        column = np.lib.format.open_memmap(self._path(name), mode="w+", dtype=np.dtype(dtype), shape=(self.n_rows,))
        _reserve(self._path(name))
        if fill != 0:
            for start in range(0, self.n_rows, _STEP):
                column[start : start + _STEP] = fill
        return column

    def open(self, name: str) -> RowColumn:
        """A column that was made before."""
        return np.lib.format.open_memmap(self._path(name), mode="r+")

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return self._path(name).exists()

    def spans(self) -> list[slice]:
        """The rows in pieces that fit into any memory."""
        return spans_of(self.n_rows)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"


def _reserve(path: Path) -> None:
    """Room on the disk for all of a mapped file: without it, the process would be killed where there is none left."""
    if hasattr(os, "posix_fallocate"):  # macOS and Windows have none
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            except OSError as error:
                if error.errno in FULL:
                    raise  # any other says that this file system reserves nothing


def spans_of(n_rows: int) -> list[slice]:
    """So many rows in pieces that fit into any memory."""
    return [slice(start, min(start + _STEP, n_rows)) for start in range(0, n_rows, _STEP)]
