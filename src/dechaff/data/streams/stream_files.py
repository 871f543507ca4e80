"""The files that a path, a folder, a pattern or a list of them names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dechaff.data.named_files import named_files
from dechaff.data.source import SUFFIXES, suffix_of
from dechaff.errors import DataError

FORMATS = {name: SUFFIXES[name] for name in ("parquet", "csv", "jsonl")} | {"npy": (".npy",)}
"""File names of what can be streamed."""


def stream_files(source: Any) -> tuple[str, tuple[Path, ...]]:
    """The format and the files, sorted by name.

    Raises
    ------
    DataError
        Where there is no file, or they are not of one format that can be streamed.
    """
    files: tuple[Path, ...] = ()
    for one in source if isinstance(source, list | tuple) and source else [source]:
        found = named_files(one, format_of)
        if not found:
            raise DataError(
                f"the source {one}", "name a file, a folder of files or a pattern", "no such file", "Check the path."
            )
        files += tuple(file.absolute() for file in found)  # workers may stand elsewhere
    formats = {file: format_of(file) for file in files}
    form = formats[files[0]]
    other = next((file for file in files if formats[file] != form or not form), None)
    if other is not None:
        raise DataError(
            f"the file {other}",
            f"be of one format with {files[0].name}" if form else "be Parquet, CSV, JSONL or .npy to be streamed",
            f"the name {other.name}",
            "Name files of one format, with a pattern such as 'folder/*.parquet'.",
        )
    return form, files


def format_of(path: Path) -> str:
    """One of `FORMATS` by the name of a file; '' for any other, such as a packed one.

    Examples
    --------
    >>> format_of(Path("a.pq")), format_of(Path("a.csv.gz"))
    ('parquet', '')
    """
    if path.suffix.lower() == ".gz":
        return ""
    return next((name for name, known in FORMATS.items() if suffix_of(path) in known), "")
