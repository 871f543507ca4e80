"""From a path, a folder or a pattern to files of one format, read in parts as one data set."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dechaff.core.progress import Progress, silent
from dechaff.data.columns.names import closest, did_you_mean
from dechaff.data.columns.roles import is_name
from dechaff.data.dataset import Assumption
from dechaff.data.formats.arrow import arrow_form
from dechaff.data.formats.content import MegabytesRead, OnFraction, file_sha256
from dechaff.data.formats.csv import csv_form
from dechaff.data.formats.jsonl import jsonl_form
from dechaff.data.formats.parquet import parquet_form
from dechaff.data.formats.part import FileForm, FilePart, part_with
from dechaff.data.read import Read
from dechaff.data.source import SUFFIXES, suffix_of
from dechaff.errors import DataError
from dechaff.records.options import FileOptions

TABLES = ("csv", "jsonl", "parquet", "arrow")
_OTHERS = {
    ".xlsx": "Excel",
    ".xls": "Excel",
    ".npy": "a single numpy array, which cannot hold labels and data",
    ".pkl": "a pickle, which could run code and is never opened",
    ".pickle": "a pickle, which could run code and is never opened",
    ".zip": "a zip archive",
    ".tar": "a tar archive",
}
"""Suffixes of formats that are not read."""
_HELD_OUT = frozenset(
    ("test", "testing", "holdout", "heldout", "eval", "evaluation", "valid", "validation", "val", "dev")
)
"""Words in the name of a file that is not one of training rows."""


@dataclass(frozen=True)
class Reading:
    """How text files are read, as far as that is known; the rest is sniffed."""

    label: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    """Whether the first record names the columns."""

    @classmethod
    def of(cls, options: FileOptions, label: object = None, *, header: bool | None = None) -> Reading:
        """As options have it; the label column if it is named by `label`, or else by the options."""
        named = getattr(options, "label", None) if label is None else label
        return cls(str(named) if is_name(named) else None, options.delimiter, options.encoding, header)


SNIFFED = Reading()


def named_files(source: str | os.PathLike[str], is_one: Callable[[Path], object]) -> tuple[Path, ...]:
    """The file itself, those of a folder that are of the right kind, or those that fit a pattern; sorted, none if none.

    Examples
    --------
    >>> named_files("no such place/*.csv", lambda file: True)
    ()
    """
    path = Path(source)
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = [one for one in path.iterdir() if one.is_file() and is_one(one)]
    else:
        found = [Path(one) for one in glob.glob(os.fspath(source)) if Path(one).is_file()]
    return tuple(sorted(found))


def files_of(source: str | os.PathLike[str]) -> tuple[Path, ...]:
    """The files of tables that a path names.

    Examples
    --------
    >>> files_of("no such place/*.csv")
    ()
    """
    return named_files(source, format_of)


def format_of(path: Path) -> str:
    """One of `TABLES` by the name of a file; '' for any other, such as what Hugging Face caches.

    Examples
    --------
    >>> format_of(Path("a.tsv.gz")), format_of(Path("a.png"))
    ('csv', '')
    """
    found = next((name for name in TABLES if suffix_of(path) in SUFFIXES[name]), "")
    return "" if found == "arrow" and path.name.startswith("cache-") else found


def has_table_files(source: object) -> bool:
    """Whether a source is made of files of tables."""
    if not isinstance(source, str | os.PathLike) or not os.fspath(source):
        return False
    path, files = Path(source), files_of(source)
    # A folder of folders is one of images, whatever lists lie beside them.
    of_images = path.is_dir() and any(one.is_dir() and one.suffix != ".dechaff" for one in path.iterdir())
    return bool(files) and not of_images and all(format_of(file) for file in files)


@dataclass(frozen=True)
class TableFiles:
    """Files of one format as one data set."""

    path: Path
    """What the user named: a file, a folder or a pattern."""
    files: tuple[Path, ...]
    format: str
    forms: tuple[FileForm, ...] = field(repr=False)
    progress: Progress = field(default=silent, repr=False)

    @cached_property
    def sha256(self) -> str:
        """Of the one file's bytes; of several, of the list of their names and hashes."""
        step = MegabytesRead("hashing", self.files, self.progress)
        hashes = [file_sha256(file, step.of(number)) for number, file in enumerate(self.files)]
        step.end()
        if len(self.files) == 1:
            return hashes[0]
        listed = "".join(f"{hashed}  {file.name}\n" for hashed, file in zip(hashes, self.files, strict=True))
        return hashlib.sha256(listed.encode()).hexdigest()

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What was sniffed about the first file, and how many there are."""
        if len(self.files) == 1:
            return self.forms[0].assumptions
        names = f"{len(self.files):,} from {self.files[0].name} to {self.files[-1].name}"
        return (Assumption("files", names, "in the order of their names, as one data set", "SOURCE"),
                *self.forms[0].assumptions)  # fmt: skip

    @cached_property
    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """Types of the columns of each file, as data frames have them."""
        return tuple(form.schema() for form in self.forms)

    @cached_property
    def parts(self) -> tuple[FilePart, ...]:
        """All rows in order, as parts to be read as cells."""
        return self._parts(numbers=False)

    @property
    def n_rows(self) -> int:
        """The number of all rows."""
        return sum(part.n_rows for part in self.parts)

    @cached_property
    def number_parts(self) -> tuple[FilePart, ...]:
        """All rows in order, as larger parts; only some of their columns are read, as numbers and texts."""
        return self._parts(numbers=True)

    def _parts(self, *, numbers: bool) -> tuple[FilePart, ...]:
        megabytes = MegabytesRead("finding the rows", self.files, self.progress)
        found: list[FilePart] = []
        for number, form in enumerate(self.forms):
            first_row = found[-1].first_row + found[-1].n_rows if found else 0
            found += form.parts(number, first_row, numbers=numbers, on_fraction=megabytes.of(number))
        return tuple(found)

    def where_of(self, row: int) -> str:
        """The file and the place in it of a row, for messages."""
        return str(part_with(self.number_parts, row).where_of(row))

    def scan(self) -> Iterator[tuple[FilePart, Read]]:
        """Every part in order with its cells; a DataError if a column changes its type from one file to another."""
        stored = StoredKinds(self.files)
        for part in self.parts:
            read = part.read()
            stored.check(part.file, rough_kinds(read))
            yield part, read


def open_files(
    source: str | os.PathLike[str] | Sequence[Path],
    reading: Reading = SNIFFED,
    *,
    alike: bool = True,
    progress: Progress = silent,
) -> TableFiles:
    """The files of a source, of one format and, if they must be `alike`, with the same columns.

    Raises
    ------
    DataError
        If there is no file, formats are mixed, or a file differs from the first one; the message names it.
    """
    files = files_of(source) if isinstance(source, str | os.PathLike) else tuple(source)
    path = Path(source) if isinstance(source, str | os.PathLike) else files[0].parent
    if not files:
        raise no_files(path)
    if isinstance(source, str | os.PathLike) and path.is_dir():
        _check_of_one_split(path, files)
    format = _one_format(files)
    step = MegabytesRead("opening", files, progress)
    forms = tuple(form_of(file, format, reading, step.of(number)) for number, file in enumerate(files))
    step.end()
    if alike:
        _check_same_columns(forms)
    return TableFiles(path, files, format, forms, progress)


def _check_of_one_split(folder: Path, files: Sequence[Path]) -> None:
    """A DataError if some files of a folder, but not all, are named as those of held-out rows."""
    held_out = [file for file in files if _HELD_OUT & {*re.split("[^a-z]+", file.stem.lower())}]
    others = [file for file in files if file not in held_out]
    if not held_out or not others:
        return
    raise DataError(
        f"the folder {folder}",
        "contain training rows alone, because all of its files are read as one data set",
        f"{held_out[0].name} beside {others[0].name}",
        f"Name the training file, and the other one with --test {held_out[0]}. "
        f"If all are training rows, name them with a pattern such as '{folder / '*'}{held_out[0].suffix}'.",
    )


def _one_format(files: Sequence[Path]) -> str:
    formats = {file: format_of(file) or (_format_inside(file) if len(files) == 1 else "") for file in files}
    format = formats[files[0]]
    other = next((file for file in files if formats[file] != format or not format), None)
    if other is not None:
        first, its = (files[0], format) if other != files[0] else (files[1], formats[files[1]])
        kinds = f"{its or 'of an unknown format'}, but {other.name} is {formats[other] or 'of an unknown format'}"
        raise DataError(
            f"Cannot read {first} and {other} as one data set: {first.name} is {kinds}.",
            fix="Name files of one format, with a pattern such as 'folder/*.csv'.",
        )
    return format


def _format_inside(file: Path) -> str:
    """The format of a file whose name does not show it; a DataError for the name of one that is not read."""
    _refuse_other_format(file)
    with file.open("rb") as stream:
        start = stream.read(6)
    if start[:4] == b"PAR1" or start == b"ARROW1":
        return "parquet" if start[:4] == b"PAR1" else "arrow"
    return "jsonl" if suffix_of(file) == ".json" else "csv"


def form_of(file: Path, format: str, reading: Reading, on_fraction: OnFraction) -> FileForm:
    """How one file is written."""
    if format == "parquet":
        return parquet_form(file)
    if format == "arrow":
        return arrow_form(file)
    if format == "jsonl":
        return jsonl_form(file, encoding=reading.encoding, on_fraction=on_fraction)
    return csv_form(file, **vars(reading), on_fraction=on_fraction)


def _check_same_columns(forms: Sequence[FileForm]) -> None:
    """A DataError that names the first file whose columns, or types, differ from those of the first file."""
    first, names = forms[0], forms[0].names
    for form in forms[1:]:
        others = form.names
        if others != names:
            strange = next((name for name in others if name not in names), "")
            raise DataError(
                f"the file {form.path}",
                f"have the columns of {first.path.name}: {', '.join(names[:8])}",
                f"the columns {', '.join(others[:8])}" + (f", with {strange!r}" if strange else ""),
                "Give all files the same columns, in one order.",
            )
        for (name, kind), (_, other) in zip(first.fields, form.fields, strict=True):
            if kind != other:
                must = f"contain {kind} in the column {name!r}, as {first.path.name} does"
                raise DataError(
                    f"the file {form.path}", must, str(other), "Write it again with the types of the others."
                )


class StoredKinds:
    """Looks for a column of JSON that holds numbers in one file and words in another."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files
        self._known: dict[str, tuple[str, int]] = {}

    def check(self, file: int, kinds: Mapping[str, str]) -> None:
        """The columns of one part, as of `rough_kinds`."""
        for name, kind in kinds.items():
            known, where = self._known.setdefault(name, (kind, file)) if kind else (kind, file)
            if known != kind and where != file:
                raise DataError(
                    f"the column {name!r} of {self._files[file]}",
                    f"contain {known}, as in {self._files[where].name}",
                    kind,
                    "Write the files again with one type for each column.",
                )


def rough_kinds(read: Read) -> dict[str, str]:
    """Whether each column of a part holds numbers, texts or something else; '' if all of it is missing."""
    kinds = {"integer": "numbers", "number": "numbers", "text": "texts", "category": "texts"}
    return {cells.name: "" if cells.missing.all() else kinds.get(cells.stored, cells.stored) for cells in read.cells}


def _refuse_other_format(path: Path) -> None:
    """A DataError if the suffix is that of a format that is not supported."""
    suffix = suffix_of(path)
    if suffix in _OTHERS:
        fix = "Export it as CSV or Parquet, or load it yourself and pass the data frame."
        if suffix == ".npy":
            fix = (
                "Save the labels together with features or out-of-sample probabilities in one file: "
                "np.savez('data.npz', labels=labels, pred_probs=probs)."
            )
        raise DataError(
            f"the file {path}", "be CSV, TSV, Parquet, JSONL, Arrow, npz or a folder of images", _OTHERS[suffix], fix
        )


def no_files(path: Path) -> DataError:
    """The error for a path that names no files of tables."""
    try:
        check_there(path)
    except DataError as error:
        return error
    return DataError(f"No CSV, Parquet, JSONL or Arrow files found in {path}.", fix="Name the folder of the files.")


def check_there(path: Path) -> None:
    """A DataError if there is no such file; the message shows similar names."""
    if path.exists():
        return
    folder = path.parent
    if not folder.is_dir():
        raise DataError(f"No such file: {path} (there is no folder {folder}).", fix="Check the path.")
    near = did_you_mean(closest(path.name, [entry.name for entry in folder.iterdir()]))
    missing = "No file matches the pattern" if glob.has_magic(os.fspath(path)) else "No such file"
    raise DataError(f"{missing}: {path}", fix=near.rstrip() or f"List the files of {folder.resolve()}.")
