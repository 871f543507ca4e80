"""Files read into memory: their parts joined, and the way back to new files of the same format."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

import numpy as np
import polars as pl

from dechaff.core.files import Content, folders_of
from dechaff.core.outputs import IMPROVED, check_folder, check_name, holds_only, write_outputs
from dechaff.data.formats.arrow import description_of
from dechaff.data.formats.content import is_gzipped
from dechaff.data.formats.files import Reading, TableFiles, format_of, open_files
from dechaff.data.formats.parquet import ParquetForm
from dechaff.data.formats.part import FileForm, FilePart, TextFileForm, part_with
from dechaff.data.formats.records_behind import RecordsBehind
from dechaff.data.formats.rows_behind import RowsBehind
from dechaff.data.memory.frames import wrapped
from dechaff.data.read import Read, joined_reads
from dechaff.data.row_texts import RowTexts
from dechaff.data.source import AddedRows, Bound, check_improved
from dechaff.errors import DataError, SourceChangedError
from dechaff.typing import Mask

WRITING = "writing the improved data"


@dataclass(frozen=True)
class FilesSource(Bound):
    """Files whose rows are in memory; written back part by part from the files themselves."""

    tables: TableFiles
    sha256: str
    n_rows: int
    added: AddedRows | None = None

    @property
    def format(self) -> str:
        """``csv``, ``jsonl`` or ``parquet``."""
        return self.tables.format

    @property
    def path(self) -> Path:
        """The file, the folder or the pattern."""
        return self.tables.path

    def with_added_rows(self, rows: AddedRows) -> Self:
        """The same files, whose new form has more rows; a DataError unless it is one file of a format that takes them.

        That is CSV with a header, JSON Lines, or Parquet, where a column that names the rows has to be of text.
        """
        form = self.tables.forms[0]
        is_text = isinstance(form, TextFileForm) and (form.dialect is None or form.body > len(form.text.bom))
        if len(self.tables.files) > 1 or not (is_text or isinstance(form, ParquetForm)):
            return super().with_added_rows(rows)
        kind = form.schema().get(rows.id_name, pl.String()) if isinstance(form, ParquetForm) else pl.String()
        if kind != pl.String:
            must, fix = "be text, because new rows are named after the row that they are made from", "Cast it to text."
            raise DataError(f"the id column {rows.id_name!r}", must, f"the type {kind}", fix)
        if rows.column in form.names:
            fix = "Use the data from which these rows were made, or rename the column."
            raise DataError("the data", f"have no column {rows.column!r} yet", "rows that were augmented before", fix)
        return replace(self, added=rows)

    def improved(self, keep: Mask, labels: Mapping[int, str]) -> Any:
        """Bytes of the new file, packed as the input is; of several files, by the name of each."""
        self._check_unchanged()
        found = {}
        for number, file in enumerate(self.tables.files):
            stream = io.BytesIO()
            self._write(number, stream, keep, labels, gzipped=is_gzipped(file))
            found[file.name] = stream.getvalue()
        return next(iter(found.values())) if len(found) == 1 else found

    def write(self, path: str | os.PathLike[str], *, keep: Mask, labels: Mapping[int, str]) -> None:
        """The new file at ``path``, packed if its name ends in ``.gz``; of several files, a folder of new ones."""
        targets = targets_of(self.tables, Path(path))
        self._check_unchanged()

        def content(stream: BinaryIO, number: int) -> None:
            packed = targets[number].name.lower().endswith(".gz")
            self._write(number, stream, keep, labels, gzipped=packed)

        self.tables.progress(WRITING, 0, self.n_rows)
        files: dict[Path, Content] = {target: partial(content, number=number) for number, target in enumerate(targets)}
        if self.format == "arrow" and self.path.is_dir():
            for folder in {target.parent for target in targets}:
                files |= description_of(self.path, folder, self.sha256)
        with folders_of(targets):
            write_outputs(files, IMPROVED, inputs=self.tables.files, beside=record_of(self.tables, Path(path)))
        self.tables.progress(WRITING, self.n_rows, self.n_rows)

    def _write(self, number: int, stream: IO[bytes], keep: Mask, labels: Mapping[int, str], *, gzipped: bool) -> None:
        file, kept = self.tables.files[number], np.asarray(keep, dtype=bool)
        mine = [part for part in self.tables.parts if part.file == number]
        span = slice(mine[0].first_row, mine[-1].first_row + mine[-1].n_rows)
        new, cells = RowTexts.of(labels), {name: RowTexts.of(some) for name, some in self.cells.items()}
        written = any(some.between(span.start, span.stop) for some in (new, *cells.values()))
        same = kept[span].all() and not written and not self.unlabelled and self.added is None
        if same and gzipped == is_gzipped(file):
            with file.open("rb") as whole:
                shutil.copyfileobj(whole, stream)
            return
        spelled = {name: self._spelling(name) for name in new.distinct}
        writer = self.tables.forms[number].writer(stream, gzipped=gzipped)
        behind = None if self.added is None else _behind(self.added, self.tables.forms[number])
        for part in mine:
            first, stay = part.first_row, kept[part.rows]
            some = {row - first: spelled[name] for row, name in new.between(first, first + part.n_rows).items()}
            found = self._with_cells(part, cells)
            if behind is not None:
                found = behind.taken(part, found, self.label_name, some)
            text = self._changed(found, stay, some)
            if isinstance(behind, RecordsBehind) and part is mine[-1]:
                text = behind.added(text)
            writer.write(part, text, stay)
            self.tables.progress(WRITING, first + part.n_rows, self.n_rows)
        if isinstance(behind, RowsBehind):
            writer.append(behind.added())
        writer.close()

    def _changed(self, found: Any, stay: Mask, labels: Mapping[int, Any]) -> Any:
        """The new text or table of a part; its label column is made if no row of the files has a label."""
        if not self.unlabelled:
            return found.changed(stay, self.label_name, labels)
        made = found.labelled(self.label_name, [labels.get(row) for row in range(len(stay))])
        return (wrapped(made) or made).changed(stay, self.label_name, {})

    def _with_cells(self, part: FilePart, cells: Mapping[str, RowTexts]) -> Any:
        """The text or table of a part, with the cells that reviewers wrote."""
        found, first = part.read().source, part.first_row
        for name, some in cells.items():
            mine = {row - first: text for row, text in some.between(first, first + part.n_rows).items()}
            if mine:
                found = found.with_cells(name, mine)
        return found

    def _check_unchanged(self) -> None:
        if replace(self.tables).sha256 != self.sha256:
            raise SourceChangedError(
                f"{self.path} has changed since it was read (another SHA-256).",
                fix="Read the new data; nothing was written.",
            )

    def _spelling(self, name: str) -> Any:
        """The label of a class as the files hold it."""
        if self.format != "jsonl" or name in self.examples:
            return self.spelling(name, self._label_at)
        return json.dumps(self.spelling(name, lambda row: json.loads(self._label_at(row))))

    def _label_at(self, row: int) -> Any:
        part = part_with(self.tables.parts, row)
        return part.read().source.value(self.label_name, row - part.first_row)


def _behind(rows: AddedRows, form: FileForm) -> RecordsBehind | RowsBehind:
    return RecordsBehind(rows, form) if isinstance(form, TextFileForm) else RowsBehind(rows)


def read_files(source: str | os.PathLike[str], reading: Reading) -> Read:
    """All rows of the files that a path names, with what was assumed about them."""
    tables = open_files(source, reading)
    reads = [read for _, read in tables.scan()]
    n_rows = sum(read.n_rows for read in reads)
    if not n_rows:
        raise no_rows(tables)
    found = joined_reads(reads, FilesSource(tables, tables.sha256, n_rows))
    return replace(found, assumptions=tables.assumptions)


def no_rows(tables: TableFiles) -> DataError:
    """The error for files without rows."""
    if len(tables.files) == 1:
        what = "has a header but no rows" if tables.format == "csv" else "has no rows"
        return DataError(f"The file {tables.files[0]} {what}.", fix="Check that it is the right file.")
    return DataError(f"The files of {tables.path} have no rows.", fix="Check that they are the right files.")


def targets_of(tables: TableFiles, target: Path) -> list[Path]:
    """Where the new form of each file goes: to a path, or for several files to a folder."""
    check_name(target, IMPROVED)
    if not several(tables):
        if not target.parent.is_dir():
            fix = "Make the folder first, or choose another path."
            raise DataError(f"Cannot write {target}: there is no folder {target.parent}.", fix=fix)
        return [check_improved(target, tables.files[0], tables.format)]
    if target.is_file() or (format_of(target) and not target.is_dir()):
        raise DataError(
            "the output",
            "be a folder, because several files were audited",
            f"the name of a file, {target.name}",
            "Name a folder; each file gets its own name in it.",
        )
    folder = Path(os.path.commonpath([file.parent for file in tables.files]))
    if tables.path.is_dir() and folder.resolve() in target.resolve().parents:
        raise DataError(
            "the output",
            "be outside the audited folder, because all of its files are one data set",
            f"{target}, which is inside it",
            "Choose another folder.",
        )
    record = record_of(tables, target)
    fix = "Choose a new or empty folder."
    check_folder(target, IMPROVED, lambda one: holds_only(one, IMPROVED, beside=target.parent), fix=fix)
    # Files of several folders, which may have one name, keep their folders.
    places = ((target / file.relative_to(folder), file) for file in tables.files)
    return [check_improved(place, file, tables.format, beside=record) for place, file in places]


def several(tables: TableFiles) -> bool:
    """Whether the improved data are a folder of files."""
    return len(tables.files) > 1 or not tables.path.is_file()


def record_of(tables: TableFiles, target: Path) -> Path | None:
    """Where the files of a folder are recorded: beside it, because all files in it are data."""
    return target.parent if several(tables) else None
