"""Probabilities and labels in two ``.npy`` files, read a few rows at a time without growing into memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.source import CHUNK_BYTES
from dechaff.data.streams.label_codes import LabelCodes, distinct
from dechaff.data.streams.label_part import as_floats, check_rows_of
from dechaff.errors import DataError
from dechaff.typing import Chunk

PART_ROWS = 2**18
_FEWEST_ROWS = 32


@dataclass(frozen=True)
class NpyFile:
    """The array of one file, of which rows are read when they are wanted."""

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    """Where the numbers begin; a map would keep every page that it has touched in memory, so the file is read."""

    def rows(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Some rows."""
        width = int(np.prod(self.shape[1:], dtype=np.int64))
        place = self.offset + start * width * self.dtype.itemsize
        try:
            read = np.fromfile(self.path, self.dtype, (stop - start) * width, offset=place)
            return read.reshape(stop - start, *self.shape[1:])
        except (OSError, ValueError) as error:
            raise _damaged(self.path, f"rows {start} to {stop - 1} that are not there") from error


@dataclass(frozen=True)
class NpyPart:
    """Some rows of both files."""

    probs: NpyFile
    labels: NpyFile
    first_row: int
    n_rows: int
    codes: LabelCodes | None = field(default=None, repr=False)
    checked: bool = False

    def chunks(self, columns: Sequence[str], *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """As `LabelPart` has them."""
        stop, step = self.first_row + self.n_rows, self._step(columns, chunk_bytes)
        for start in range(self.first_row, max(stop, self.first_row + 1), step):
            yield {name: self._column(name, start, min(stop, start + step)) for name in columns}

    def where_of(self, row: int) -> str:
        """The file of the labels; it has no other places than the row itself."""
        return self.labels.path

    def _step(self, columns: Sequence[str], chunk_bytes: int) -> int:
        if "label_values" in columns:
            return max(1, self.n_rows)
        a_row = 8 + (self.probs.shape[1] * self.probs.dtype.itemsize if "probs" in columns else 0)
        return max(_FEWEST_ROWS, chunk_bytes // a_row)

    def _column(self, name: str, start: int, stop: int) -> npt.NDArray[Any]:
        if name == "row":
            return np.arange(start, stop, dtype=np.int64)
        if name == "probs":
            probs = as_floats(self.probs.rows(start, stop))
            if self.checked:
                check_rows_of(probs, lambda row: self.probs.path, start)
            return probs
        labels = pl.Series("labels", self.labels.rows(start, stop))
        if name == "label_values":
            return distinct(labels)
        assert self.codes is not None  # labels are read after the classes
        return self.codes.codes(labels, self.where_of, start)


def open_npy(table: NpyFile, column: NpyFile) -> tuple[NpyPart, ...]:
    """The rows of an array of probabilities and one of labels, in parts.

    Raises
    ------
    DataError
        If a file is damaged, holds another kind of array, or the two differ in their number of rows.
    """
    probs, labels = table.path, column.path
    if len(table.shape) != 2 or table.shape[1] < 2 or table.dtype.kind not in "fiub":
        raise DataError(
            f"the file {probs}",
            "contain a numeric (n, k) array with one column per class, k >= 2",
            f"shape {table.shape} of {table.dtype}",
            "Save the probability of every class, one column each.",
        )
    if len(column.shape) != 1 or column.dtype.kind not in "iubfU":
        raise DataError(
            f"the file {labels}",
            "contain one number or text per row",
            f"shape {column.shape} of {column.dtype}",
            "Save the labels as an array of numbers or of text.",
        )
    if column.shape != table.shape[:1]:
        raise DataError(
            f"the files {probs} and {labels}",
            "have the same number of rows",
            f"{table.shape[0]} and {column.shape[0]}",
            "Check that both come from the same rows, in the same order.",
        )
    n = table.shape[0]
    starts = range(0, max(1, n), PART_ROWS)
    return tuple(NpyPart(table, column, start, max(0, min(PART_ROWS, n - start))) for start in starts)


def npy_file(path: Path) -> NpyFile:
    """What the header of a file holds."""
    if not path.is_file():
        raise DataError(f"No such file: {path}", fix="Check the path.")
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(str(path), str(error).splitlines()[0] if str(error) else "an empty file") from error
    if not isinstance(mapped, np.memmap) or not mapped.flags.c_contiguous:
        raise DataError(
            f"the file {path}",
            "contain one array in C order",
            "one in Fortran order" if isinstance(mapped, np.ndarray) else "no single array",
            "Write it again with np.save(path, np.ascontiguousarray(array)).",
        )
    return NpyFile(str(path), mapped.shape, mapped.dtype, int(mapped.offset))


def npz_arrays(path: Path) -> dict[str, NpyFile]:
    """The arrays of an ``.npz`` that was not compressed, by name.

    Raises
    ------
    DataError
        If it is compressed or damaged.
    """
    found: dict[str, NpyFile] = {}
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            for entry in archive.infolist():
                if entry.compress_type != zipfile.ZIP_STORED:
                    raise DataError(
                        f"the file {path}",
                        "be uncompressed, to be streamed",
                        f"the array {entry.filename} compressed",
                        "Write it with np.savez, or leave out the folder (--out) to read it into memory.",
                    )
                stream.seek(entry.header_offset + 26)  # of the two lengths that stand before the name
                name, extra = np.frombuffer(stream.read(4), "<u2").tolist()
                stream.seek(name + extra, 1)
                found[entry.filename.removesuffix(".npy")] = _array_at(path, stream)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise DataError(
            f"Cannot read {path} as an npz file: {str(error).splitlines()[0]}.", fix="Write it again."
        ) from error
    return found


def _array_at(path: Path, stream: BinaryIO) -> NpyFile:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, in_columns, dtype = read(stream)
    if in_columns and len(shape) > 1:
        raise ValueError("an array in columns (Fortran order)")
    return NpyFile(str(path), shape, dtype, stream.tell())


def _damaged(path: str, found: str) -> DataError:
    return DataError(f"Cannot read {path} as an .npy file: {found}.", fix="Save it again with np.save.")
