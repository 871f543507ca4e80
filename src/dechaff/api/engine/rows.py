"""The rows of a file, as a data engine reads and keeps them: a column of lists becomes a column for each number."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.data.columns.cells import Cells, cells_from_values
from dechaff.data.dataset import Dataset, Schema
from dechaff.data.formats.files import Reading
from dechaff.data.open import open_like, read_path
from dechaff.data.read import Read
from dechaff.errors import DataError, RunError
from dechaff.typing import Columns


@dataclass(frozen=True)
class FileRows:
    """All rows of a file, read once."""

    source: str | os.PathLike[str]
    read: Read

    @classmethod
    def of(cls, source: str | os.PathLike[str], reading: Reading | None = None) -> FileRows:
        """The rows of a table, with an embedding as columns of numbers.

        Raises
        ------
        RunError
            If it is no table.
        DataError
            If the lists of a column differ in length.
        """
        read = read_path(source, reading or Reading())
        if read.features is not None or not read.cells or any(one.stored == "image" for one in read.cells):
            fix = "Write an embedding or the pixels of each row as a list column of Parquet or JSONL, or as columns."
            raise RunError(f"A data engine needs a table, which {source} is not.", fix=fix)
        if any(one.stored == "nested" for one in read.cells):
            read = replace(read, cells=tuple(part for one in read.cells for part in _columns(one, source)))
        return cls(source, read)

    @property
    def cells(self) -> Columns:
        """Every column as text."""
        return {one.name: one.raw.tolist() for one in self.read.cells}

    def like(self, schema: Schema, *, need_label: bool = True) -> Dataset:
        """The rows, by the columns and classes of others; as `open_like`."""
        try:
            return open_like(self.read, schema, need_label=need_label)
        except DataError as error:
            if str(self.source) in str(error):
                raise
            raise error.about(str(self.source)) from error


def _columns(cells: Cells, source: Any) -> tuple[Cells, ...]:
    """A column as it is; one of lists of numbers as a column for each number; other nested ones are left out."""
    if cells.stored != "nested":
        return (cells,)
    lists = [None if absent else _parsed(text) for text, absent in zip(cells.raw.tolist(), cells.missing, strict=True)]
    known = [one for one in lists if one is not None]
    if not known or not all(isinstance(one, list) and all(map(_is_number, one)) for one in known):
        return ()
    lengths = {len(one) for one in known}
    if len(lengths) > 1:
        raise DataError(
            f"the column {cells.name!r} of {source}", "hold lists of one length",
            f"lists of {min(lengths)} and of {max(lengths)} numbers", "Make them equally long, or drop the column.",
        )  # fmt: skip
    width = lengths.pop()
    rows: npt.NDArray[np.float64] = np.array(
        [[None] * width if one is None else one for one in lists], dtype=np.float64
    )
    return tuple(cells_from_values(f"{cells.name}_{at}", rows[:, at].tolist()) for at in range(width))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
