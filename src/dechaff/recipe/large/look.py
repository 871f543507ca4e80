"""The pass that looks at the rows themselves: equal rows, empty cells, text artefacts, constant columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.core.progress import Progress
from dechaff.core.row_hash import row_hash
from dechaff.core.table import Column
from dechaff.data.assemble import check_columns
from dechaff.data.columns.joined import absent_cells
from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.data.keys import content_of
from dechaff.data.read import Read
from dechaff.errors import DataError
from dechaff.methods.cells.text_artefacts import TextArtefacts, text_artefacts
from dechaff.recipe.content_hashes import content_hashes, data_hashes, unit_hashes
from dechaff.recipe.detectors.cells import artefact_finding
from dechaff.recipe.detectors.view import row_name
from dechaff.recipe.findings_writer import FindingsWriter
from dechaff.recipe.large.equal import BLANK, ENTRY, SEALED, TESTED, TRAINS, Dealt
from dechaff.recipe.large.ids import RowIds
from dechaff.recipe.large.known import Known
from dechaff.recipe.large.looked import Looked
from dechaff.recipe.large.sealing import Sealing, digest
from dechaff.recipe.row_store import RowColumn, RowStore, spans_of
from dechaff.records.findings import Finding
from dechaff.typing import Mask

LOOKING = "looking at every row"


@dataclass
class ColumnCount:
    """What is counted in one column over all training rows."""

    empty: int = 0
    missing: int = 0
    values: set[int] = field(default_factory=set)
    """By their hashes: a text may be longer than all that is kept of it."""
    placeholders: dict[str, int] = field(default_factory=dict)

    def add(self, column: Column) -> None:
        """The cells of one block."""
        self.missing += int(column.missing.sum())
        self.empty += int((column.missing & (column.raw == "")).sum())
        for value in self.placeholders:
            self.placeholders[value] += int(_stands(column, value).sum())
        if len(self.values) <= MOST_DISTINCT:
            self.values.update(row_hash(column.raw[~column.missing]).tolist())

    def is_constant(self, n_rows: int) -> bool:
        """Whether all of so many rows hold the same, nothing among them."""
        return self.missing == n_rows or (self.missing == 0 and self.distinct == 1)

    @property
    def distinct(self) -> int | None:
        """Different values; None where there are too many to count."""
        return len(self.values) if len(self.values) <= MOST_DISTINCT else None


MOST_DISTINCT = 10_000
_NAMES_AT_ONCE = 10_000_000
NEVER = 2.0
_NAMED_TO = 5e-6
"""Numbers are named by six digits; those that stand for nothing lie far from all others."""
_DAY = 86400


@dataclass(frozen=True)
class RowsSeen:
    """Row columns: ``code`` of each label, ``unit`` and ``key`` hashes, and which rows train."""

    codes: RowColumn
    units: RowColumn
    keys: RowColumn
    trains: RowColumn
    ids: RowIds

    @classmethod
    def of(cls, store: RowStore, ids: RowIds) -> RowsSeen:
        """The columns of a finished pass."""
        codes, units, keys, trains = (store.open(name) for name in ("code", "unit", "key", "trains"))
        return cls(codes, units, keys, trains, ids)


def look(
    known: Known,
    looked: Looked,
    store: RowStore,
    dealt: Dealt,
    writer: FindingsWriter,
    ids: RowIds,
    *,
    progress: Progress,
) -> dict[str, ColumnCount]:
    """One pass over all rows; training rows are looked at, sealed ones are only dealt for comparison."""
    seen = RowsSeen(
        store.make("code", np.int32, -1),
        store.make("unit", np.uint64),
        store.make("key", np.uint64),
        store.make("trains", np.bool_),
        ids,
    )
    counts = {column.name: ColumnCount() for column in known.sample.table.columns}
    for name, placeholder in looked.placeholders:
        counts[name].placeholders[placeholder.value] = 0
    names_of_rows = store.make("id", np.uint64) if known.sample.id_name else None
    scores, flags = store.make("C003", np.float64), store.make("C003_flag", np.bool_)
    contents = store.make("content", np.uint64)
    progress(LOOKING, 0, known.n_rows)
    for block, read in known.each():
        rows, sealed = known.rows(block, read)
        _note(known, block, read, rows, sealed, seen, dealt)
        if names_of_rows is not None:
            names_of_rows[block.rows] = row_hash(rows.ids)
        train = rows.take(~sealed)
        contents[train.positions] = data_hashes(train)
        for column in train.table.columns:
            counts[column.name].add(column)
        for column_name, found in _artefacts(train, looked):
            span = train.positions
            scores[span], flags[span] = np.maximum(scores[span], found.score), flags[span] | (found.kind >= 0)
            names = dict(zip(span.tolist(), train.ids.tolist(), strict=True))
            writer.add(_artefact_findings(train, column_name, found), names.__getitem__)
        progress(LOOKING, block.first_row + block.n_rows, known.n_rows)
    writer.flush()
    if names_of_rows is not None:
        refuse_repeated_ids(known, names_of_rows, seen)
    return counts


def refuse_repeated_ids(known: Known, names: RowColumn, seen: RowsSeen) -> None:
    """A DataError where two training rows have one name; a share of the names is looked at a time."""
    shares = 1 + len(names) // _NAMES_AT_ONCE
    for share in range(shares):
        mine = np.concatenate(
            [
                np.flatnonzero(seen.trains[span] & (names[span] % np.uint64(shares) == share)) + span.start
                for span in spans_of(len(names))
            ]
        )
        mine = mine[np.argsort(names[mine], kind="stable")]
        hashes = names[mine]
        again = np.flatnonzero(hashes[1:] == hashes[:-1])
        # A hash has 64 bits: whether names of one hash are equal, they say themselves.
        pairs = zip(mine[again].tolist(), mine[again + 1].tolist(), strict=True)
        row = next((row for row, other in pairs if seen.ids.name(row) == seen.ids.name(other)), None)
        if row is not None:
            raise DataError(
                f"the id column {known.sample.id_name!r}",
                "name each row by a value of its own",
                f"the name of row {row} again in another row ({len(np.unique(hashes[again])):,} such names at least)",
                "Name another column with --id, or keep this one out with --drop.",
            )


def _note(known: Known, block: FilePart, read: Read, rows: Dataset, sealed: Mask, seen: RowsSeen, dealt: Dealt) -> None:
    """What is kept of each row of a block, and its entry."""
    span = slice(block.first_row, block.first_row + block.n_rows)
    seen.codes[span], seen.trains[span] = np.where(sealed, -1, rows.codes), ~sealed
    seen.keys[span] = row_keys(read, known.names, known.sample.label_name)
    entries = entries_of(known, rows, read)
    entries["key"] = seen.keys[span]
    seen.units[span] = entries["unit"]
    entries["kind"] = np.where(sealed, SEALED, entries["kind"])
    dealt.add(entries)
    seen.ids.keep(block.first_row, rows.ids)


def check_test_file(known: Known, tested: TableFiles) -> None:
    """A DataError where a file of test rows has other columns: told before the work, not after it."""
    read = next((read for _, read in tested.scan() if read.n_rows), None)
    if read is not None:
        check_columns(read, known.sample.schema)


def deal_test_file(known: Known, tested: TableFiles, dealt: Dealt) -> int:
    """The rows of a file of test rows, by their inputs alone; how many they are."""
    n_rows = 0
    for block, read in tested.scan():
        if not read.n_rows:
            continue
        check_columns(read, known.sample.schema)
        rows, _ = replace(known, sealing=Sealing()).rows(block, read)
        entries = entries_of(known, rows, read)
        dealt.add(entries[entries["kind"] != BLANK].copy(), kind=TESTED)
        n_rows += block.n_rows
    return n_rows


def entries_of(known: Known, rows: Dataset, read: Read) -> npt.NDArray[Any]:
    """The entries of some rows, all as if they train."""
    entries = np.zeros(len(rows), dtype=ENTRY)
    entries["content"], entries["content_low"] = content_hashes(rows.table, known.compared).T
    group = read.column(known.sample.schema.group_name) if known.sample.schema.group_name else None
    entries["unit"] = unit_hashes(entries["content"], group)
    entries["row"], entries["code"] = rows.positions, rows.codes
    empty = [rows.table[column.name].missing for column in known.compared]
    blank = np.logical_and.reduce(empty) if empty else np.ones(len(rows), dtype=bool)
    entries["kind"] = np.where(blank, BLANK, TRAINS)
    return entries


def row_keys(read: Read, names: tuple[str, ...], label: str) -> npt.NDArray[np.uint64]:
    """The hash of each row's content, all columns but the label."""
    cells = [read.column(name) or absent_cells(name, read.n_rows) for name in names if name != label]
    return np.fromiter((digest(one) for one in content_of(cells, read.n_rows)), np.uint64, read.n_rows)


def _stands(column: Column, value: str) -> Mask:
    """Where a value stands that was named by the sample, however the cells are spelled: -999 as -999.0."""
    stands: Mask = column.raw == value
    with suppress(ValueError):  # a sign such as ? is no number, and 0000-00-00 no date
        if column.kind == "numeric":
            stands |= np.isclose(column.values, float(value), rtol=_NAMED_TO, atol=0.0)
        if column.kind == "datetime":
            stands |= np.floor(column.values / _DAY) == np.datetime64(value, "D").astype(np.int64)
    return stands


def _artefacts(train: Dataset, looked: Looked) -> Iterator[tuple[str, TextArtefacts]]:
    """The artefacts of each column, but for those that are its nature."""
    for column in train.table.of_kind("text", "categorical"):
        nature = looked.everywhere.get(column.name, {})
        found = text_artefacts(column.values, column.missing, everywhere=NEVER, nature=nature)
        yield column.name, found.without("hardly any text") if column.kind == "categorical" else found


def _artefact_findings(train: Dataset, column: str, found: TextArtefacts) -> Iterator[Finding]:
    for place in np.flatnonzero(found.kind >= 0).tolist():
        one = artefact_finding(row_name(train, place), column, found, place)
        yield replace(one, row=int(train.positions[place]))
