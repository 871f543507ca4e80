"""Arrays on disk: ``.npy`` files and the members of an ``.npz``, whole or a few rows at a time; never a pickle."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.data.columns.probs import as_floats
from dechaff.data.formats.content import bytes_of, damaged
from dechaff.data.formats.files import check_there
from dechaff.errors import DataError

LABEL_NAMES = ("labels", "label", "y")
"""Default names of the labels, of an array or a column; the first one that exists is used."""
PROB_NAMES = ("pred_probs", "probs")
CLASS_NAMES = ("class_names", "classes")
PART_ROWS, _FEWEST_ROWS, _FRAME_BYTES = 2**18, 32, 2**20

Arrays = Mapping[str, npt.NDArray[Any]]


def first_named(found: Collection[str], names: Sequence[str]) -> str:
    """The first of some names that was found, '' if none was.

    Examples
    --------
    >>> first_named({"probs": 1, "y": 2}, LABEL_NAMES)
    'y'
    """
    return next((name for name in names if name in found), "")


def named_probs(path: Path, found: Collection[str]) -> tuple[str, str]:
    """The names of the array of probabilities and of that of class names, '' if there is none; a DataError without."""
    probs = first_named(found, PROB_NAMES)
    if not probs:
        raise DataError(
            f"the file {path}",
            "contain out-of-sample probabilities as pred_probs or probs",
            f"the arrays {', '.join(found) or 'none'}",
            "Store them as pred_probs (n, k), beside labels (n,).",
        )
    return probs, first_named(found, CLASS_NAMES)


def npy_array(path: Path) -> npt.NDArray[Any]:
    """The array of an ``.npy`` file, as a map of it, or a DataError."""
    check_there(path)
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged_npy(path, str(error).split("\n", 1)[0] or "an empty file") from error
    return array


def _damaged_npy(path: str | Path, found: str) -> DataError:
    return DataError(
        f"Cannot read {path} as an .npy file of numbers or text: {found}.", fix="Write it again with np.save."
    )


@contextmanager
def _whole_npz(path: Path) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except NotImplementedError as error:
        raise _not_plain(path, "in a form that Python cannot unpack") from error
    except RuntimeError as error:
        if "encrypted" not in str(error):
            raise
        raise _not_plain(path, "encrypted") from error
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, KeyError, ValueError) as error:
        raise damaged(path, "npz file", error) from error


def _not_plain(path: Path, found: str) -> DataError:
    return DataError(f"the file {path}", "hold plain arrays", f"arrays that are {found}", "Write it with np.savez.")


def npz_arrays(path: Path) -> tuple[dict[str, npt.NDArray[Any]], bytes]:
    """Every array of an npz file by its name, and the bytes of the file."""
    check_there(path)
    data = bytes_of(path)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise damaged(path, "npz file", zipfile.BadZipFile("it is not a zip archive"))
    with _whole_npz(path), np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: _member(path, stored, name) for name in stored.files}
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise DataError(
            f"the file {path}", "contain numpy arrays only", "other files in it", "Write it with numpy.savez."
        )
    return arrays, data


def _member(path: Path, stored: Any, name: str) -> npt.NDArray[Any]:
    try:
        array: npt.NDArray[Any] = stored[name]
    except ValueError as error:
        pickled = "pickle" in str(error).lower()
        raise DataError(
            f"the array {name!r} in {path}",
            "be a plain numpy array",
            "pickled objects, which could run code and are never opened" if pickled else f"damage ({error})",
            "Store strings as str arrays (array.astype(str)) and numbers as numbers, not as objects.",
        ) from error
    return array


@dataclass(frozen=True)
class ArrayFile:
    """An array in a file, whose rows are read when they are needed."""

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
            raise _damaged_npy(self.path, f"rows {start} to {stop - 1} that are not there") from error


def npy_file(path: Path) -> ArrayFile:
    """What the header of an ``.npy`` file holds."""
    mapped = npy_array(path)
    if not isinstance(mapped, np.memmap) or not mapped.flags.c_contiguous:
        raise DataError(
            f"the file {path}",
            "contain one array in C order",
            "one in Fortran order" if isinstance(mapped, np.ndarray) else "no single array",
            "Write it again with np.save(path, np.ascontiguousarray(array)).",
        )
    return ArrayFile(str(path), mapped.shape, mapped.dtype, int(mapped.offset))


def npz_files(path: Path) -> dict[str, ArrayFile]:
    """The arrays of an ``.npz`` that was not compressed, by name.

    Raises
    ------
    DataError
        If it is compressed or damaged.
    """
    found: dict[str, ArrayFile] = {}
    with _whole_npz(path), zipfile.ZipFile(path) as archive, path.open("rb") as stream:
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
    return found


def _array_at(path: Path, stream: BinaryIO) -> ArrayFile:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, in_columns, dtype = read(stream)
    if in_columns and len(shape) > 1:
        raise ValueError("an array in Fortran order")
    return ArrayFile(str(path), shape, dtype, stream.tell())


@dataclass(frozen=True)
class ArraysPart:
    """Some rows of an array of probabilities and of one of labels."""

    probs: ArrayFile
    labels: ArrayFile
    first_row: int
    n_rows: int

    def where_of(self, row: int) -> str:
        """The files, for messages; they have no other places than the row itself."""
        return " beside ".join(dict.fromkeys((self.labels.path, self.probs.path)))

    def frames(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """``probs`` (n, k) and ``labels``, a series; rows of about a megabyte at a time."""
        row_bytes = 8 + (self.probs.dtype.itemsize * self.probs.shape[1] if "probs" in columns else 0)
        step, end = max(_FEWEST_ROWS, _FRAME_BYTES // row_bytes), self.first_row + self.n_rows
        for start in range(self.first_row, max(end, self.first_row + 1), step):
            yield {name: self._column(name, start, min(end, start + step)) for name in columns}

    def _column(self, name: str, start: int, stop: int) -> Any:
        if name == "labels":
            return pl.Series(name, self.labels.rows(start, stop))
        return as_floats(self.probs.rows(start, stop))


def array_parts(probs: ArrayFile, labels: ArrayFile) -> tuple[ArraysPart, ...]:
    """The rows of an array of probabilities and one of labels, in parts.

    Raises
    ------
    DataError
        If an array is of another kind, or the two differ in their number of rows.
    """
    if len(probs.shape) != 2 or probs.shape[1] < 2 or probs.dtype.kind not in "fiub":
        raise DataError(
            f"the file {probs.path}",
            "contain a numeric (n, k) array with one column per class, k >= 2",
            f"shape {probs.shape} of {probs.dtype}",
            "Save the probability of every class, one column each.",
        )
    if len(labels.shape) != 1 or labels.dtype.kind not in "iubfU":
        raise DataError(
            f"the file {labels.path}",
            "contain one number or text per row",
            f"shape {labels.shape} of {labels.dtype}",
            "Save the labels as an array of numbers or of text.",
        )
    if labels.shape != probs.shape[:1]:
        raise DataError(
            f"the files {probs.path} and {labels.path}",
            "have the same number of rows",
            f"{probs.shape[0]} and {labels.shape[0]}",
            "Check that both come from the same rows, in the same order.",
        )
    n = probs.shape[0]
    starts = range(0, max(1, n), PART_ROWS)
    return tuple(ArraysPart(probs, labels, start, max(0, min(PART_ROWS, n - start))) for start in starts)
