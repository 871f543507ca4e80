"""From a path, a folder or a pattern to a source that is read in blocks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dechaff.core.progress import Progress, silent
from dechaff.data.blocks import csv_blocks, jsonl_blocks, parquet_blocks
from dechaff.data.blocks.block import Block, BlockWriter
from dechaff.data.blocks.content import MegabytesTold, file_sha256, open_content
from dechaff.data.blocks.text_writer import TextWriter
from dechaff.data.cells import Cells
from dechaff.data.dataset import Assumption
from dechaff.data.named_files import named_files
from dechaff.data.read import Read
from dechaff.data.source import SUFFIXES, suffix_of
from dechaff.errors import DataError

_FORMATS = ("csv", "jsonl", "parquet")


def files_of(source: str | os.PathLike[str]) -> tuple[Path, ...]:
    """The files that a path names, sorted: itself, those of a folder, or those that fit a pattern; none if none.

    Examples
    --------
    >>> files_of("no such place/*.csv")
    ()
    """
    return named_files(source, format_of)


def format_of(path: Path) -> str:
    """``csv``, ``jsonl`` or ``parquet`` by the name of a file; '' for any other.

    Examples
    --------
    >>> format_of(Path("a.tsv.gz")), format_of(Path("a.png"))
    ('csv', '')
    """
    return next((name for name in _FORMATS if suffix_of(path) in SUFFIXES[name]), "")


def has_files_in_blocks(source: object) -> bool:
    """Whether a source is made of files that can be read in blocks."""
    if not isinstance(source, str | os.PathLike) or not os.fspath(source):
        return False
    path, files = Path(source), files_of(source)
    # A folder of folders is one of images, whatever lists lie beside them.
    of_images = path.is_dir() and any(one.is_dir() and one.suffix != ".dechaff" for one in path.iterdir())
    return bool(files) and not of_images and all(format_of(file) for file in files)


@dataclass(frozen=True)
class BlockFiles:
    """Files of one format."""

    path: Path
    files: tuple[Path, ...]
    format: str
    forms: tuple[Any, ...] = field(repr=False)
    progress: Progress = field(default=silent, repr=False)

    @cached_property
    def sha256(self) -> str:
        """Of the one file's bytes; of several, of the list of their names and hashes."""
        told = MegabytesTold("hashing", self.files, self.progress)
        hashes = [file_sha256(file, told.of(number)) for number, file in enumerate(self.files)]
        told.end()
        if len(self.files) == 1:
            return hashes[0]
        listed = "".join(f"{hashed}  {file.name}\n" for hashed, file in zip(hashes, self.files, strict=True))
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was sniffed about the first file, and how many there are."""
        said = tuple(getattr(self.forms[0], "assumptions", ()))
        if len(self.files) == 1:
            return said
        names = f"{len(self.files):,} from {self.files[0].name} to {self.files[-1].name}"
        return (Assumption("files", names, "in the order of their names, as one data set", "SOURCE"), *said)

    def scan(self) -> Iterator[tuple[Block, Read]]:
        """Every block in order."""
        first_row, stored = 0, _Stored(self.files)
        for number, form in enumerate(self.forms):
            for block, read in form.scan(number, first_row):
                stored.check(number, read)
                first_row += block.n_rows
                yield block, read

    def read(self, blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
        """Some of the blocks."""
        if self.format == "csv":
            return csv_blocks.read_blocks(self.forms, blocks)
        if self.format == "jsonl":
            return jsonl_blocks.read_blocks(self.forms, blocks)
        return self._parquet(blocks)

    def _parquet(self, blocks: Collection[Block]) -> Iterator[tuple[Block, Read]]:
        for number, form in enumerate(self.forms):
            yield from form.read([block for block in blocks if block.file == number])

    def writer(self, file: int, target: Path, label_name: str, spellings: Mapping[str, Any]) -> BlockWriter:
        """Writes the new form of one file."""
        form = self.forms[file]
        if self.format == "parquet":
            return parquet_blocks.ParquetWriter(form, target, label_name, spellings)
        packed = target.name.lower().removesuffix(".part").endswith(".gz")
        out = TextWriter(target, form.form, gzipped=packed, ends_with_line_end=_ends_with_line_end(form.path))
        if self.format == "csv":
            return csv_blocks.CsvWriter(out, label_name, spellings)
        return jsonl_blocks.JsonlWriter(out, label_name, spellings)


def open_blocks(
    source: str | os.PathLike[str],
    *,
    label: str | None,
    delimiter: str | None = None,
    encoding: str | None = None,
    progress: Progress = silent,
) -> BlockFiles:
    """The files of a source, of one format and with the same columns.

    Raises
    ------
    DataError
        Where there is no file, formats are mixed, or a file differs from the first one; the message names it.
    """
    files = files_of(source)
    if not files:
        raise DataError(f"the source {source}", "name files", "none", "Check the path or the pattern.")
    formats = {file: format_of(file) for file in files}
    form = formats[files[0]]
    other = next((file for file in files if formats[file] != form or not form), None)
    if other is not None:
        raise DataError(
            f"the file {other}",
            f"be of the format of the first file, {form}" if form else "be CSV, JSONL or Parquet",
            f"the name {other.name}",
            "Name files of one format, with a pattern such as 'folder/*.csv'.",
        )
    if form == "parquet":
        parquets = tuple(parquet_blocks.parquet_file(file) for file in files)
        parquet_blocks.check_same_columns(parquets)
        return BlockFiles(Path(source), files, form, parquets, progress)
    told = MegabytesTold("opening", files, progress)
    if form == "jsonl":
        lines = tuple(
            jsonl_blocks.jsonl_file(file, encoding=encoding, told=told.of(place)) for place, file in enumerate(files)
        )
        told.end()
        return BlockFiles(Path(source), files, form, lines, progress)
    tables = tuple(
        csv_blocks.csv_file(file, label=label, delimiter=delimiter, encoding=encoding, told=told.of(place))
        for place, file in enumerate(files)
    )
    told.end()
    _check_same_names(tables)
    return BlockFiles(Path(source), files, form, tables, progress)


def _check_same_names(files: tuple[csv_blocks.CsvFile, ...]) -> None:
    first = files[0]
    for file in files[1:]:
        if file.names != first.names:
            strange = next((name for name in file.names if name not in first.names), "")
            found = f"the columns {', '.join(file.names[:8])}" + (f", with {strange!r}" if strange else "")
            raise DataError(
                f"the file {file.path}",
                f"have the columns of {first.path.name}: {', '.join(first.names[:8])}",
                found,
                "Give all files the same header.",
            )


class _Stored:
    """Looks for a column of JSON that holds numbers in one file and words in another."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files
        self._known: dict[str, tuple[str, int]] = {}

    def check(self, file: int, read: Read) -> None:
        for cells in read.cells:
            kind = _rough_kind(cells)
            known, where = self._known.setdefault(cells.name, (kind, file)) if kind else (kind, file)
            if known != kind and where != file:
                raise DataError(
                    f"the column {cells.name!r} of {self._files[file]}",
                    f"hold {known}, as in {self._files[where].name}",
                    kind,
                    "Write the files again with one type for each column.",
                )


def _rough_kind(cells: Cells) -> str:
    if cells.missing.all():
        return ""
    if cells.stored in ("integer", "number"):
        return "numbers"
    return {"text": "texts", "category": "texts"}.get(cells.stored, cells.stored)


def _ends_with_line_end(path: Path) -> bool:
    last = b""
    with open_content(path) as stream:
        try:
            stream.seek(-4, os.SEEK_END)
            last = stream.read()
        except OSError:  # a packed file is read to its end
            stream.seek(0)
            while data := stream.read(2**22):
                last = (last + data)[-4:]
    return last.rstrip(b"\x00")[-1:] in (b"\n", b"\r")
