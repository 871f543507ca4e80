"""Decisions turned into a new data set: which rows stay, which labels change, and the list of both."""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import polars as pl

from dechaff.core.files import folders_of, write_last
from dechaff.core.outputs import IMPROVED, Kind, check_name, check_output, note_outputs
from dechaff.data.dataset import Dataset
from dechaff.data.formats.images import ImageFolderSource
from dechaff.data.formats.source import FilesSource, several, targets_of
from dechaff.data.row_texts import RowTexts, RowTextsBuilder
from dechaff.data.source import Cells, Source
from dechaff.data.write import csv_lines
from dechaff.errors import RunError
from dechaff.recipe.explore.families import parent_keys
from dechaff.recipe.explore.labels import given_labels
from dechaff.records.decided_rows import DecidedPiece
from dechaff.records.decision_log import events_without_row
from dechaff.records.decisions import ChildRow, Event, cell_edits, with_children
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
    """Changes in the order of the rows; ``places`` (m,) counts the audited rows in the order of the source."""

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


@dataclass(frozen=True)
class NewRows:
    """What is new about the rows of a source."""

    keep: Mask
    """(n,) rows that stay."""
    labels: RowTexts
    cells: Cells


def changes_of(run: Run, column: ColumnTexts) -> Iterator[Changes]:
    """The changes that the decisions of a run make, some rows at a time.

    Rows that are kept or set aside for review stay as they are.

    Parameters
    ----------
    run : the run.
    column : the texts of a column, for decisions about all of its cells that hold a value.
    """
    written = _written(events_without_row(run.decisions_path), column)
    return (_changes_in(piece, run, written) for piece in run.pieces())


def _changes_in(piece: DecidedPiece, run: Run, written: Sequence[tuple[Event, Rows]]) -> Changes:
    decided, first = piece.decided(), int(piece.lines["place"][0])
    edited = cell_edits(event for event in piece.events if event.source == "human")
    keys = piece.lines["key"].to_list() if written else []
    for event, places in written:
        for place in places[slice(*np.searchsorted(places, [first, first + len(keys)]))].tolist():
            edited.setdefault(keys[place - first], {}).setdefault(event.field, event)
    lines = piece.lines.filter(pl.col("key").is_in([*decided, *edited]))
    return changes_among(lines.iter_rows(), decided, run.finding_column(decided.values(), "why"), edited)


def _written(events: Iterable[Event], column: ColumnTexts) -> list[tuple[Event, Rows]]:
    """The decisions about all cells of a column that hold a value, with the places of their rows."""
    whole = [event for cells in cell_edits(events).values() for event in cells.values()]
    return [(event, _holding(column(event.field), event.old)) for event in reversed(whole)]


def _holding(pieces: Iterable[tuple[Rows, Sequence[str]]], value: str) -> Rows:
    """(m,) the places of the cells that hold a value."""
    found = [places[[is_value(text, value) for text in texts]] for places, texts in pieces]
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


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
    changes = changes_among(*rows_and_decisions(train, decided), {})
    code_of, codes = {name: code for code, name in enumerate(train.class_names)}, train.codes.copy()
    for place, name in changes.labels().items():
        codes[place] = code_of[name]
    return train.with_codes(codes).take(changes.kept(len(train)))


def rows_and_decisions(
    train: Dataset, decided: Mapping[str, Event]
) -> tuple[list[tuple[int, str, str, str]], Mapping[str, Event]]:
    """Place, name, key and given label of each row; and the decisions, which rows made from others take over."""
    names = [values.tolist() for values in (train.ids, train.keys, given_labels(train))]
    parents = parent_keys(train)
    if parents is not None:
        made = (
            ChildRow(key, row, given, of) for row, key, given, of in zip(*names, parents.tolist(), strict=True) if of
        )
        decided = with_children(decided, made, decided)
    return list(zip(range(len(train)), *names, strict=True)), decided


def improved_rows(run: Run, changes: Iterable[Changes], rows: Rows, n_rows: int) -> NewRows:
    """What the changes of a run make of the rows of its source.

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
    labels, cells = RowTextsBuilder(), defaultdict[str, RowTextsBuilder](RowTextsBuilder)
    for some in changes:
        for row, change in zip(rows[some.places].tolist(), some.lines, strict=True):
            if change.change == "dropped":
                keep[row] = False
            elif change.change != "added":
                (labels if change.change == "relabelled" else cells[change.column]).add(row, change.new)
    return NewRows(keep, labels.built(), {name: new.built() for name, new in cells.items()})


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


def write_improved(source: Source, target: Path, run: Run, changes: Iterable[Changes], rows: Rows) -> None:
    """Write the improved data, and the list of changes beside them: both or, for example on a full disk, neither.

    Both are written as the changes come; `rows` are the numbers of the audited rows in the source.
    """
    places, listed = check_outputs(source, target)
    found: list[NewRows] = []

    def content(stream: BinaryIO) -> None:
        found.append(improved_rows(run, _listed(changes, stream), rows, source.n_rows))

    with folders_of(places), write_last(listed, content) as named:
        new = found[0]
        source.with_cells(new.cells).write(target, keep=new.keep, labels=new.labels)
        named(listed)
    note_outputs([listed], _LISTED)


def _listed(changes: Iterable[Changes], stream: BinaryIO) -> Iterator[Changes]:
    """The same changes; each is a line in the stream."""
    stream.write(csv_lines([list(Change.__dataclass_fields__)]))
    for some in changes:
        stream.write(csv_lines(map(astuple, some.lines)))
        yield some


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
