"""A path to the reader of its format."""

from __future__ import annotations

import os
from pathlib import Path

from dechaff.data.columns.names import closest
from dechaff.data.formats.files import Reading, has_table_files
from dechaff.data.formats.images import read_image_folder
from dechaff.data.formats.npz import read_npz
from dechaff.data.formats.source import read_files
from dechaff.data.read import Read
from dechaff.data.source import suffix_of
from dechaff.errors import DataError

_OTHERS = {
    ".xlsx": "Excel",
    ".xls": "Excel",
    ".npy": "a single numpy array",
    ".pkl": "a pickle, which could run code and is never opened",
    ".pickle": "a pickle, which could run code and is never opened",
    ".zip": "a zip archive",
    ".tar": "a tar archive",
}


def read_path(
    source: str | os.PathLike[str], *, label: str | None, delimiter: str | None, encoding: str | None
) -> Read:
    """Every row of the file, the folder or the files of a pattern at a path."""
    path = Path(source)
    if not os.fspath(source):
        raise DataError("the path", "name a file or folder", "an empty string", "Check how it was made.")
    if has_table_files(source):
        return read_files(source, Reading(label, delimiter, encoding))
    _check_there(path)
    if (path / "dataset_dict.json").is_file():
        parts = sorted(one.name for one in path.iterdir() if one.is_dir())
        raise DataError(
            f"the folder {path}",
            "be one data set",
            f"the data sets {', '.join(parts)}",
            f"Name one of them, such as {path / (parts or ['train'])[0]}, and another with --test.",
        )
    if path.is_dir():
        return read_image_folder(path)
    suffix = suffix_of(path)
    if suffix in _OTHERS:
        raise DataError(
            f"the file {path}",
            "be CSV, TSV, Parquet, JSONL, Arrow, npz or a folder of images",
            _OTHERS[suffix],
            "Export it as CSV or Parquet, or load it yourself and hand in the data frame.",
        )
    if suffix == ".npz":
        return read_npz(path, _bytes_of(path), label=label)
    return read_files(path, Reading(label, delimiter, encoding))


def _check_there(path: Path) -> None:
    if path.exists():
        return
    folder = path.parent
    if not folder.is_dir():
        raise DataError(f"the file {path}", "exist", f"no folder {folder}", "Check the path.")
    near = closest(path.name, [entry.name for entry in folder.iterdir()])
    fix = f"Did you mean {' or '.join(near)}?" if near else f"Look at what is in {folder.resolve()}."
    raise DataError(f"the file {path}", "exist", "no such file", fix)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"the file {path}", "be readable", error.strerror or str(error), "Check its permissions."
        ) from error
