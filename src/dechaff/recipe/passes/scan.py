"""The first pass: how labels are written, which rows are held out, and which are drawn for the sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from dechaff.core.row_hash import Hashes, mixed
from dechaff.data import splits
from dechaff.data.columns.cells import Cells, Stored, texts
from dechaff.data.columns.identifiers import sniff_id
from dechaff.data.columns.labels import (
    LabelNames,
    find_label,
    label_names,
    odd_labels,
    sniff_label,
    usual_spellings,
    with_one_spelling,
)
from dechaff.data.columns.roles import ColumnRoles, with_children
from dechaff.data.dataset import Assumption
from dechaff.data.formats.content import MegabytesRead
from dechaff.data.formats.files import StoredKinds, rough_kinds
from dechaff.data.formats.part import FilePart
from dechaff.data.keys import content_digests
from dechaff.data.read import Read, absent_cells
from dechaff.data.splits import HeldOut
from dechaff.errors import DataError, LabelsError
from dechaff.recipe.outcome.row_store import RowColumn, RowStore, rows_by_hash
from dechaff.recipe.passes.request import ReadRequest
from dechaff.typing import Chunk, Labels, Mask, Rows

READING = "reading"
LEAST_OF_CLASS = 50
"""Rows of every label in the sample; all rows if there are fewer."""
MOST_SPELLINGS = 100_000
"""Different labels from which on a column holds no classes."""
_STRIDE = np.uint64(0x9E3779B97F4A7C15)


@dataclass
class Spelling:
    """One way in which labels are written: rows that train, rows in all, and the first row of all."""

    train: int = 0
    rows: int = 0
    number: float = float("nan")
    row: int = -1
    place: int = 0
    """Its number among all spellings."""


@dataclass
class LabelTally:
    """Counts spellings; ``missing`` are rows without a label, of those that train and of all."""

    name: str
    spellings: dict[str, Spelling] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    missing_train: int = 0
    exact: bool = False
    """Each spelling is a class of its own."""
    classes: tuple[str, ...] = ()
    """The named classes, if any."""

    @classmethod
    def of(cls, name: str, cells: Cells, sealed: Mask, first_row: int) -> LabelTally:
        """The labels of a part that starts at `first_row`."""
        present = np.flatnonzero(~cells.missing)
        raws = cells.raw[present].tolist()
        train = Counter(cells.raw[present[~sealed[present]]].tolist())
        # numpy would compare texts without the NULs at their end.
        first = dict(zip(reversed(raws), present[::-1].tolist(), strict=True))
        spellings = {
            raw: Spelling(
                train=train[raw],
                rows=count,
                number=float("nan") if cells.numbers is None else float(cells.numbers[first[raw]]),
                row=first_row + first[raw],
                place=place,
            )
            for place, (raw, count) in enumerate(Counter(raws).items())
        }
        return cls(name, spellings, {cells.stored} if raws else set(), int((cells.missing & ~sealed).sum()))

    def merge(self, other: LabelTally) -> npt.NDArray[np.int32]:
        """Adds the labels of rows that follow; the number here of each of their spellings, and -1."""
        self.stored |= other.stored
        self.missing_train += other.missing_train
        places = np.full(len(other.spellings) + 1, -1, dtype=np.int32)
        for number, (raw, one) in enumerate(other.spellings.items()):
            blank = Spelling(number=one.number, row=one.row, place=len(self.spellings))
            mine = self.spellings.setdefault(raw, blank)
            mine.rows += one.rows
            mine.train += one.train
            places[number] = mine.place
        if len(self.spellings) > MOST_SPELLINGS:
            raise LabelsError(
                f"the label column {self.name!r}",
                "contain classes that repeat",
                f"more than {MOST_SPELLINGS:,} different values (such as {next(iter(self.spellings))[:40]!r})",
                "Name the column of classes with --label.",
            )
        return places

    def numbers(self, cells: Cells) -> npt.NDArray[np.int32]:
        """The number of the spelling of each cell that was added; -1 if it is missing."""
        number = {raw: one.place for raw, one in self.spellings.items()}
        found = np.fromiter((number.get(raw, -1) for raw in cells.raw.tolist()), np.int32, len(cells))
        return np.where(cells.missing, np.int32(-1), found)

    def usual_rows(self) -> dict[str, int]:
        """Class -> the first row that spells it in the usual way."""
        rows = [one.row for one in self.spellings.values()]
        return {name: rows[cell] for name, cell in usual_spellings(self.read(), self.cells().raw, self._rows()).items()}

    def odd_labels(self) -> dict[int, str]:
        """The spellings that are not the usual one of their class, by their number."""
        return odd_labels(self.read(), self.cells(), self._rows())

    def _rows(self) -> dict[str, int]:
        return {raw: one.rows for raw, one in self.spellings.items()}

    def class_codes(self, unlabelled_is_a_class: bool) -> Labels:
        """A number for the class of each spelling, and one more for missing cells; -1 for rows without a label."""
        names = [*self.read().names.tolist(), ""]
        number = {name: place for place, name in enumerate(sorted(set(names)), -1)}  # no class sorts first
        if unlabelled_is_a_class:
            number[""] = len(number)
        return np.array([number[name] for name in names], dtype=np.int64)

    def hold_out(self, numbers: npt.NDArray[np.int32]) -> None:
        """Counts rows with these spellings as test rows, which were added as training rows."""
        counts = np.bincount(numbers + 1, minlength=len(self.spellings) + 1).tolist()
        self.missing_train -= counts[0]
        for spelling, count in zip(self.spellings.values(), counts[1:], strict=True):
            spelling.train -= count

    def cells(self) -> Cells:
        """One cell for each spelling."""
        raws = list(self.spellings)
        kind = _stored(self.stored)
        numbers = None
        if kind in ("number", "integer", "category", "boolean"):
            numbers = np.array([self.spellings[raw].number for raw in raws], dtype=np.float64)
            numbers = None if np.isnan(numbers).all() else numbers  # categories of words
        return Cells(self.name, texts(raws), np.zeros(len(raws), dtype=bool), kind, numbers)

    def read(self) -> LabelNames:
        """The class name of each spelling, '' if the word means no label."""
        cells = self.cells()
        labels = label_names(cells)
        return labels if self.exact else with_one_spelling(labels, cells.raw, self._rows(), self.classes)


def _stored(found: set[str]) -> Stored:
    if found == {"integer", "number"}:
        return "number"
    return next(iter(found)) if len(found) == 1 else "text"  # type: ignore[arg-type]


def repeated(labels: LabelNames, counts: Labels, n_missing: int) -> LabelNames:
    """The labels of all rows, in no order, from those of the spellings: for checks that count rows."""
    names = np.concatenate([np.repeat(labels.names, counts), np.full(n_missing, "", dtype=object)])
    missing = np.concatenate([np.repeat(labels.missing, counts), np.ones(n_missing, dtype=bool)])
    return LabelNames(names, missing, {})


@dataclass(frozen=True)
class Scanned:
    """What the first pass found."""

    n_rows: int
    n_test: int
    names: tuple[str, ...]
    tally: LabelTally
    drawn: Rows
    """Numbers of the rows of the sample, in order."""
    held_out: HeldOut
    assumptions: tuple[Assumption, ...]
    id_name: str = ""
    """The column that names the rows; '' if none does."""


@dataclass(frozen=True)
class PartScanned:
    """What the first pass finds in one part: ``spelled`` is the number of the label's spelling in ``tally``."""

    kinds: dict[str, str]
    words: list[str]
    tally: LabelTally
    spelled: npt.NDArray[np.int32]
    columns: Chunk
    """Row columns: which rows are test rows, the hash of each row, and that of its name, 0 for an empty cell."""
    drawn: splits.Draw | None


def _scanned(label: str, id_name: str, split: str | None, draw: splits.Draw | None, part: FilePart) -> PartScanned:
    """Counts labels, hashes rows and finds test rows of one part, which count as training rows if still to be drawn."""
    read = part.read()
    cells = read.column(label) or absent_cells(label, read.n_rows)
    words, test = _test_rows(read, split)
    tally = LabelTally.of(label, cells, test, part.first_row)
    drawn = None
    if draw is not None:
        drawn = splits.Draw(draw.group, draw.aside)
        drawn.add(read)
    columns = {"test": test, "row-hash": _whole_rows(read)}
    if id_name:
        columns["id"] = _name_hashes(read, id_name)
    return PartScanned(rough_kinds(read), words, tally, tally.numbers(cells), columns, drawn)


def _test_rows(read: Read, split: str | None) -> tuple[list[str], Mask]:
    """The words of the split column, and which rows they hold out; none without such a column."""
    words = [] if split is None else splits.split_words(read, split)
    return words, splits.rows_by_split(words) if words else np.zeros(read.n_rows, dtype=bool)


def _name_hashes(read: Read, id_name: str) -> Hashes:
    cells = read.column(id_name) or absent_cells(id_name, read.n_rows)
    return np.where(cells.missing, np.uint64(0), content_digests(cells.raw.tolist()))


def scan(request: ReadRequest, store: RowStore, *, unlabelled_is_a_class: bool = False) -> Scanned:
    """One pass over the files.

    Parameters
    ----------
    request : the files, the roles of columns, the sizes of test set and sample.
    store : for what is kept of each row.
    unlabelled_is_a_class : rows without a label may be held out as those of a class are.

    Raises
    ------
    DataError, LabelsError
        If a file cannot be read, or a column is not there.
    """
    source, test_size, seed, first = request.source, request.test_size, request.seed, _first(request)
    roles, names, words = with_children(request.roles, first.names, []), dict[str, None](), Counter[str]()
    tally, assumed = _label(first, roles)
    id_name, why = _sniffed_id(first, roles, tally.name)
    drawn = None if test_size is None else splits.Draw.of(first, label=tally.name, group=roles.group, named=roles.id)
    del first
    spelled, stored = store.make("spelling", np.int32), StoredKinds(source.files)
    columns = {name: store.make(name, np.uint64) for name in ("row-hash", "id") if name != "id" or id_name}
    test = columns["test"] = store.make("test", np.bool_)
    megabytes = MegabytesRead(READING, source.files, request.progress)
    work = partial(_scanned, tally.name, id_name, roles.split, drawn)
    for part, found in store.releasing(request.over_parts(work)):
        stored.check(part.file, found.kinds)
        names.update(dict.fromkeys(found.kinds))
        words.update(found.words)
        span = slice(part.first_row, part.first_row + part.n_rows)
        spelled[span] = tally.merge(found.tally)[found.spelled]
        for name, column in columns.items():
            column[span] = found.columns[name]
        if drawn is not None and found.drawn is not None:
            drawn.merge(found.drawn)
        megabytes.read(part.file, part.fraction)
    roles.check(list(names))
    if not roles.classes:
        find_label([absent_cells(name, 0) for name in names], tally.name)
    about = () if roles.split is None else splits.about_split(roles.split, words)
    if drawn is not None and test_size is not None:
        test[:] = drawn.rows(tally.class_codes(unlabelled_is_a_class)[np.asarray(spelled)], test_size, seed)
        about = splits.about_draw(np.asarray(test), seed)
        tally.hold_out(np.asarray(spelled)[np.asarray(test)])
    if id_name and not _is_unique(request, id_name, columns["id"], test, sniffed=bool(why)):
        id_name, why = "", ""
    sample = sample_of(columns["row-hash"], spelled, test, request.sample_rows, seed)
    megabytes.end()
    named = (Assumption("id column", id_name, why, "--id"),) if why else ()
    held_out, stated = HeldOut.at(np.asarray(test)), (*source.assumptions, *assumed, *named, *about)
    n_test = int(np.count_nonzero(test))
    return Scanned(len(test), n_test, tuple(names), tally, sample, held_out, stated, id_name)


def _first(request: ReadRequest) -> Read:
    part = next((part for part in request.source.parts if part.n_rows), None)
    if part is None:
        where = f"the source {request.source.path}"
        raise DataError(where, "contain rows", "none", "Check that the right file was named.")
    return part.read()


def _sniffed_id(read: Read, roles: ColumnRoles, label: str) -> tuple[str, str]:
    """The column that may name the rows, by the first part, and why, which is '' if the user named it."""
    if roles.id is not None:
        return roles.id, ""
    aside = (label, roles.group, roles.split, *roles.drop, *roles.kinds())
    train = np.flatnonzero(~_test_rows(read, roles.split)[1])
    return sniff_id([cells.take(train) for cells in read.cells if cells.name not in aside]) or ("", "")


def _is_unique(request: ReadRequest, name: str, ids: RowColumn, test: RowColumn, *, sniffed: bool) -> bool:
    """Whether each training row has its own value in the id column; a DataError if not, and the user named it."""
    found = repeated_ids(request, name, ids, test)
    if found and not sniffed:
        raise DataError(
            f"the id column {name!r}",
            "have a unique value in each row",
            found,
            "Name another column with --id, or none to number the rows. --group keeps related rows together.",
        )
    return not found


def repeated_ids(request: ReadRequest, name: str, ids: RowColumn, test: RowColumn) -> str:
    """Where the id column has one value twice among the training rows, or none; '' if the rows have unique names.

    A test row may have the id of a training row.
    """
    for rows in rows_by_hash(ids, lambda span: ~np.asarray(test[span])):
        hashes = np.asarray(ids[rows])
        if len(rows) and not hashes[0]:
            return f"an empty one in row {rows[0]}"
        again = np.flatnonzero(hashes[1:] == hashes[:-1])
        again = again[np.argsort(rows[again + 1])]
        # A hash has 64 bits: whether values of one hash are equal is read in the files.
        for pair in np.stack([rows[again], rows[again + 1]], axis=1):
            values = [cell for found in request.over_rows(partial(_values, name), pair) for cell in found]
            if values[0] == values[1]:
                count = f"; at least {len(again):,} values repeat" if len(again) > 1 else ""
                return f"{values[0]!r} in row {pair[0]} and in row {pair[1]}{count}"
    return ""


def _values(name: str, where: tuple[FilePart, Rows]) -> list[str]:
    part, places = where
    cells = part.read().column(name) or absent_cells(name, part.n_rows)
    return list(map(str, cells.raw[places]))


def sample_of(contents: RowColumn, labels: RowColumn, test: RowColumn, most: int, seed: int) -> Rows:
    """The numbers of `most` rows and of `LEAST_OF_CLASS` of each label, in order; test rows are never drawn.

    Rows are drawn by the hash of their content and, among equal rows, by which of them each is: the same rows in
    whatever order they stand, and as many copies of one row as chance gives.

    Parameters
    ----------
    contents : (n,) uint64
        Hashes of the rows, label included.
    labels : (n,) int
        Any numbers, the same for rows of one label.
    test : (n,) bool
        Rows to leave out.
    most, seed : rows to draw, and what decides which.

    Examples
    --------
    >>> hashes = np.arange(1000, dtype=np.uint64)
    >>> none = np.zeros(1000, dtype=np.int64)
    >>> drawn = sample_of(hashes, none, none == 1, 60, 0)
    >>> again = 999 - sample_of(hashes[::-1], none, none == 1, 60, 0)
    >>> len(drawn), bool((np.sort(again) == drawn).all())
    (60, True)
    """
    kept, key = np.zeros(0, dtype=np.int64), mixed(np.array([seed + 1], dtype=np.uint64))
    lots = np.zeros(0, dtype=np.uint64)
    for rows in rows_by_hash(contents, lambda span: ~np.asarray(test[span])):
        hashes = np.asarray(contents[rows])
        starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]][: len(rows)])
        ordinals = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
        rows = np.concatenate([kept, rows])
        lots = np.concatenate([lots, mixed(mixed(hashes + ordinals.astype(np.uint64) * _STRIDE) ^ key)])
        order = np.lexsort((lots, labels[rows]))
        of_label = np.asarray(labels[rows])[order]
        begin = np.flatnonzero(np.r_[True, of_label[1:] != of_label[:-1]][: len(rows)])
        rank = np.arange(len(rows)) - np.repeat(begin, np.diff(np.r_[begin, len(rows)]))
        wanted = np.zeros(len(rows), dtype=bool)
        wanted[order[rank < LEAST_OF_CLASS]] = True
        wanted[np.argsort(lots, kind="stable")[:most]] = True
        kept, lots = rows[wanted], lots[wanted]
    return np.sort(kept)


def _whole_rows(read: Read) -> Hashes:
    """(n,) hashes of all cells of each row; a column that a part lacks is one whose cells are empty."""
    columns = [
        pl.when(pl.Series(~cells.missing)).then(pl.lit(f"{cells.name}\x1f") + pl.Series(cells.raw, dtype=pl.String))
        for cells in sorted(read.cells, key=lambda cells: cells.name)
    ]
    rows = pl.select(pl.concat_str(columns, separator="\x1e", ignore_nulls=True)).to_series()
    return content_digests(rows.to_list())


def _label(read: Read, roles: ColumnRoles) -> tuple[LabelTally, tuple[Assumption, ...]]:
    if roles.label is not None:
        return LabelTally(roles.label, exact=roles.exact_labels, classes=roles.classes), ()
    name = sniff_label(read.cells)
    tally = LabelTally(name, exact=roles.exact_labels, classes=roles.classes)
    return tally, (Assumption("label column", name, "it is called so", "--label"),)
