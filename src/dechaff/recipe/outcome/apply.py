"""Decisions turned into a new data set: which rows stay, which labels change, and the list of both."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from dechaff.core.files import folders_of, write_last
from dechaff.core.outputs import IMPROVED, Kind, check_name, check_output, note_outputs
from dechaff.data.dataset import Dataset
from dechaff.data.formats.images import ImageFolderSource
from dechaff.data.formats.source import FilesSource, several, targets_of
from dechaff.data.source import Cells, Source
from dechaff.data.write import csv_table_bytes
from dechaff.errors import RunError
from dechaff.recipe.explore.labels import given_labels
from dechaff.records.decisions import Event
from dechaff.records.run import Run
from dechaff.typing import Mask, Rows

ColumnTexts: TypeAlias = Callable[[str], Iterator[tuple[Rows, Sequence[str]]]]
"""Gives the texts of a column, piece by piece, each with the places of its rows in the table of scores."""
_LISTED: Kind = "the list of changes"
_PACKED = (".gz", ".gzip")


@dataclass(frozen=True)
class Change:
    """One line of the list of changes."""

    row: str
    change: str
    old: str
    new: str
    code: str
    why: str
    key: str
    column: str = ""
    """Of an edited cell; '' for the label, or the row as a whole."""


@dataclass(frozen=True)
class Changes:
    """All changes, in the order of the rows; ``places`` (m,) counts the audited rows in the order of the source."""

    lines: tuple[Change, ...]
    places: Rows

    def columns(self) -> dict[str, list[Any]]:
        """The list of changes as columns."""
        lines = [asdict(change) for change in self.lines]
        return {name: [line[name] for line in lines] for name in Change.__dataclass_fields__}

    def kept(self, n_rows: int) -> Mask:
        """(n,) True for each of the audited rows that stays."""
        keep: Mask = np.ones(n_rows, dtype=np.bool_)
        dropped = [change.change == "dropped" for change in self.lines]
        keep[self.places[np.array(dropped, dtype=np.bool_)]] = False
        return keep

    def labels(self) -> dict[int, str]:
        """The new labels by place."""
        places = zip(self.places.tolist(), self.lines, strict=True)
        return {place: change.new for place, change in places if change.change == "relabelled"}

    def cells(self, rows: Rows) -> Cells:
        """The new cells by column and row of the source, of which `rows` are the audited ones."""
        found: dict[str, dict[int, str]] = {}
        for place, change in zip(self.places.tolist(), self.lines, strict=True):
            if change.change == "edited":
                found.setdefault(change.column, {})[int(rows[place])] = change.new
        return found


def changes_of(run: Run, column: ColumnTexts) -> Changes:
    """The changes that the decisions of a run make. Rows that are kept or set aside for review stay as they are.

    Parameters
    ----------
    run : the run.
    column : the texts of a column, for decisions about all of its cells that hold a value.
    """
    decided, edited = run.decided(), run.edited()
    whole = [event for cells in edited.values() for event in cells.values() if not event.row]
    written = {place: cells for place, cells in _written(whole, column).items() if cells}
    lines = pl.scan_parquet(run.scores_path).select("row", "key", "given").with_row_index("place")
    found = lines.filter(pl.col("key").is_in(list(decided)) | pl.col("place").is_in(list(written))).collect()
    for place, key in found.select("place", "key").iter_rows():
        if place in written:
            edited[key] = {**written[place], **edited.get(key, {})}
    return changes_among(found.iter_rows(), decided, run.finding_column(decided.values(), "why"), edited)


def _written(whole: Iterable[Event], column: ColumnTexts) -> dict[int, dict[str, Event]]:
    """Place of a row -> column -> the decision, about all cells of the column with its value, that writes the cell."""
    found: dict[int, dict[str, Event]] = {}
    for event in whole:
        for places, texts in column(event.field):
            for place, text in zip(places.tolist(), texts, strict=True):
                if is_value(text, event.old):
                    found.setdefault(place, {})[event.field] = event
    return found


def is_value(text: str, value: str) -> bool:
    """Whether a cell holds the value that a finding about its column names: findings write numbers in short.

    Examples
    --------
    >>> is_value("n/a", "n/a"), is_value("1999.0", "1999"), is_value("1999.5", "1999")
    (True, True, False)
    """
    if text == value:
        return True
    try:
        return f"{float(text):g}" == value
    except ValueError:
        return False


def changes_among(
    rows: Iterable[tuple[int, str, str, str]],
    decided: Mapping[str, Event],
    why: Mapping[str, str],
    edited: Mapping[str, Mapping[str, Event]] = MappingProxyType({}),
) -> Changes:
    """The same for some rows.

    Parameters
    ----------
    rows : place, name, key and given label of each.
    decided : row key -> the decision that holds.
    why : finding id -> its reason.
    edited : row key -> column -> the event that writes its cell.
    """
    places, changes = [], []
    for place, name, key, given in rows:
        event = decided.get(key)
        dropped = event is not None and event.action == "drop"
        cells = () if dropped else sorted(edited.get(key, {}).items())
        lines = [("edited", one.old, one, column) for column, one in cells]
        if event is not None and (event.action == "drop" or (event.action == "relabel" and event.new != given)):
            lines.insert(0, ("dropped" if event.action == "drop" else "relabelled", given, event, ""))
        for word, old, one, column in lines:
            reason = one.note or why.get(one.finding_id, "")
            places.append(place)
            changes.append(Change(name, word, old, one.new, one.code, reason, key, column))
    return Changes(tuple(changes), np.array(places, dtype=np.int64))


def decided_data(train: Dataset, decided: Mapping[str, Event]) -> Dataset:
    """The training rows after the decisions, including those of reviewers."""
    names = (values.tolist() for values in (train.ids, train.keys, given_labels(train)))
    changes = changes_among(zip(range(len(train)), *names, strict=True), decided, {})
    code_of, codes = {name: code for code, name in enumerate(train.class_names)}, train.codes.copy()
    for place, name in changes.labels().items():
        codes[place] = code_of[name]
    return train.with_codes(codes).take(changes.kept(len(train)))


def improved_rows(run: Run, changes: Changes, rows: Rows, n_rows: int) -> tuple[Mask, dict[int, str]]:
    """Which rows of the source stay, and the new labels by row.

    Parameters
    ----------
    run, changes : of the audit.
    rows : (n,) numbers of the audited rows in the source, ascending; all others stay as they are.
    n_rows : rows of the source.

    Raises
    ------
    RunError
        If the table of scores does not hold all audited rows.
    """
    n_lines = int(pl.scan_parquet(run.scores_path).select(pl.len()).collect().item())
    if n_lines != len(rows):
        message = f"The file {run.scores_path} has {n_lines:,} lines for {len(rows):,} audited rows."
        raise RunError(message, fix="Audit again, or restore the file from a copy.")
    keep: Mask = np.ones(n_rows, dtype=np.bool_)
    keep[rows] = changes.kept(len(rows))
    return keep, {int(rows[place]): name for place, name in changes.labels().items()}


def check_outputs(source: Source, target: Path) -> tuple[list[Path], Path]:
    """The files of the improved data if the source is one of files, and that of the list of changes.

    Raises
    ------
    InputError, DataError, RunError
        If one of them may not be written.
    """
    check_name(target, IMPROVED)
    places: list[Path] = []
    if isinstance(source, FilesSource):
        places = targets_of(source.tables, target)
    elif isinstance(source, ImageFolderSource):
        source.check(target)
    else:
        check_output(target, IMPROVED, inputs=(source.path,))
    folder = several(source.tables) if isinstance(source, FilesSource) else isinstance(source, ImageFolderSource)
    return places, check_output(changes_path(target, folder=folder), _LISTED)


def write_improved(source: Source, target: Path, changes: Changes, keep: Mask, labels: Mapping[int, str]) -> None:
    """Write the improved data, and the list of changes beside them: both or, for example on a full disk, neither."""
    places, listed = check_outputs(source, target)
    with folders_of(places), write_last(listed, csv_table_bytes(changes.columns())) as named:
        source.write(target, keep=keep, labels=labels)
        named(listed)
    note_outputs([listed], _LISTED)


def named_like(source: Path, stem: str) -> str:
    """A name for rows of a source, with the suffixes of its file; without any if it is a folder or several files.

    Examples
    --------
    >>> named_like(Path("reviews.v2.csv.gz"), "improved")
    'improved.csv.gz'
    >>> named_like(Path("parts/*.csv"), "improved"), named_like(Path("years/*/a.csv"), "improved")
    ('improved', 'improved')
    """
    if source.is_dir() or (not source.exists() and glob.has_magic(str(source))):
        return stem  # several files become a folder of them
    endings = source.suffixes[-2:] if source.suffix == ".gz" else source.suffixes[-1:]
    return f"{stem}{''.join(endings)}"


def changes_path(output: Path, *, folder: bool = False) -> Path:
    """Where the list of changes of an improved file goes, or of a folder: one that is there, or is said to be one.

    Examples
    --------
    >>> str(changes_path(Path("improved.csv.gz"))), str(changes_path(Path("v1.2.parquet")))
    ('improved.changes.csv', 'v1.2.changes.csv')
    """
    plain = output.with_suffix("") if output.suffix in _PACKED else output
    stem = plain.name if folder or plain.is_dir() else plain.stem  # the folders v1.2 and v1.3 have a list each
    return plain.with_name(f"{stem}.changes.csv")
