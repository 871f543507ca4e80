"""Changed copies of records among the rows of data that are read out of core: their cells are in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from dechaff.core.codes import Codes
from dechaff.core.groups import Pairs, PairScore
from dechaff.core.row_hash import Hashes, row_hash
from dechaff.core.table import Column
from dechaff.data.dataset import Dataset
from dechaff.methods.duplicates.near_records import near_records_of
from dechaff.methods.duplicates.near_rows_of import NumberRows, near_rows_of
from dechaff.methods.duplicates.record_fields import (
    RecordField,
    RecordTable,
    Signs,
    grouped,
    numbered_hashes,
    signs_of,
    spread_of,
)
from dechaff.recipe.explore.compared_rows import ComparedRows
from dechaff.recipe.explore.near import NUMBERS, either, fields_of
from dechaff.recipe.outcome.row_store import RowStore, rows_by_hash
from dechaff.typing import Mask, Rows

_ROWS_OF_SPREAD = 2**22
"""Of so many rows, evenly drawn, the quartiles of a column are taken."""
_FOLDER = "records"


@dataclass(frozen=True)
class _Cells:
    """A column of the rows of one part: hashes of its cells; its numbers, or the different texts by their codes."""

    hashes: Hashes
    missing: npt.NDArray[np.bool_]
    numbers: npt.NDArray[np.float64] | None = None
    codes: Codes | None = None
    signs: Signs | None = None

    def of(self, kept: npt.NDArray[np.bool_]) -> _Cells:
        """The same of some rows."""
        numbers = None if self.numbers is None else self.numbers[kept]
        codes = None if self.codes is None else self.codes[kept]
        return replace(self, hashes=self.hashes[kept], missing=self.missing[kept], numbers=numbers, codes=codes)


def near_stored_records(compared: ComparedRows) -> tuple[Pairs, PairScore]:
    """Pairs of rows of which one is a changed copy of the other, and how similar they are.

    Columns are compared as in memory, those without a text also as numbers that all differ by rounding. Their cells
    stay in files while they are.
    """
    context = compared.context
    columns = context.read_plan.compared
    if not fields_of(columns):
        return np.empty((0, 2), dtype=np.int64), np.empty(0)
    rows = compared.numbers
    store = RowStore(context.places.subfolder(_FOLDER, empty=True), len(rows))
    _write(compared, store, columns, rows)
    fields = {place: _field(store, place, column) for place, column in enumerate(columns)}
    table = _table(store, {place: one for place, one in fields.items() if len(one.bits) > 1})
    pairs, similarity = near_records_of(table)
    if not any(column.kind == "text" for column in columns):
        contents = context.store.open("hash")[rows]
        pairs, similarity = either((pairs, similarity), near_rows_of(_numbers(store, columns, np.asarray(contents))))
    context.places.subfolder(_FOLDER, empty=True)
    return rows[pairs], similarity


def _cells_of(names: Sequence[str], rows: Dataset) -> list[_Cells]:
    """The cells of some rows, column by column."""
    return [_cells(rows.table[name].values) for name in names]


def _cells(values: npt.NDArray[Any]) -> _Cells:
    if values.dtype.kind == "f":
        return _Cells(row_hash(values.reshape(-1, 1)), np.isnan(values), values)
    different, codes = np.unique(values, return_inverse=True)
    missing = np.asarray(values == "", dtype=bool)
    return _Cells(row_hash(different)[codes], missing, codes=codes, signs=signs_of(different.tolist()))


def _write(compared: ComparedRows, store: RowStore, columns: Sequence[Column], rows: Rows) -> None:
    """The cells of all rows, column by column; the pairs of characters of texts one after the other."""
    for place, column in enumerate(columns):
        kinds: dict[str, Any] = {"number": np.float64} if _is_number(column) else {"at": np.int64, "size": np.int64}
        for name, kind in {"hash": np.uint64, "missing": np.bool_, **kinds}.items():
            store.make(f"{name}-{place}", kind)
    work = partial(_cells_of, [column.name for column in columns])
    with ExitStack() as files:
        signs = [files.enter_context(_signs_file(store, place).open("wb")) for place in range(len(columns))]
        for of_part, cells in compared.over_parts(work, "cells of records"):
            kept = np.isin(of_part, rows, assume_unique=True)
            span = slice(*np.searchsorted(rows, [of_part[0], of_part[-1] + 1])) if kept.any() else slice(0)
            for place, one in enumerate(cells):
                _keep(store, place, span, one.of(kept), signs[place])


def _keep(store: RowStore, place: int, span: slice, cells: _Cells, signs: BinaryIO) -> None:
    """One column of the rows of one part."""
    store.open(f"hash-{place}")[span] = cells.hashes
    store.open(f"missing-{place}")[span] = cells.missing
    if cells.numbers is not None:
        store.open(f"number-{place}")[span] = cells.numbers
    if cells.codes is not None and cells.signs is not None:
        hashes, starts, sizes = cells.signs
        store.open(f"at-{place}")[span] = signs.tell() // 8 + starts[cells.codes]
        store.open(f"size-{place}")[span] = sizes[cells.codes]
        signs.write(hashes.tobytes())


def _field(store: RowStore, place: int, column: Column) -> RecordField:
    """One column, whose different cells are numbered in the order of their hashes."""
    hashes, n, k = store.open(f"hash-{place}"), store.n_rows, 0
    codes, bits = store.make(f"code-{place}", np.int64), store.make(f"bits-{place}", np.float64)
    of_values = (
        {} if _is_number(column) else {name: store.make(f"{name}-of-{place}", np.int64) for name in ("at", "size")}
    )
    for rows in store.releasing(rows_by_hash(hashes, _everywhere)):
        _, first, number, counts = np.unique(hashes[rows], return_index=True, return_inverse=True, return_counts=True)
        codes[rows] = k + number
        span = slice(k, k + len(counts))
        bits[span] = -np.log2(counts / n)
        for name, values in of_values.items():
            values[span] = store.open(f"{name}-{place}")[rows[first]]
        k = span.stop
    missing, keys = store.open(f"missing-{place}"), np.empty(0, dtype=np.uint64)
    if _is_number(column):
        numbers = store.open(f"number-{place}")
        spread = spread_of(np.asarray(numbers[:: 1 + n // _ROWS_OF_SPREAD]))
        return RecordField(codes, missing, bits[:k], keys, numbers, spread, None)
    path = _signs_file(store, place)
    signs = np.memmap(path, dtype=np.uint64, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint64)
    return RecordField(codes, missing, bits[:k], keys, None, 0.0, (signs, of_values["at"][:k], of_values["size"][:k]))


def _table(store: RowStore, fields: Mapping[int, RecordField]) -> RecordTable:
    """Those columns in which rows differ, and the hashes of the content of rows."""
    used, places = list(fields.values()), list(fields)
    whole = store.make("whole", np.uint64)
    groups = []
    for number, members in enumerate(grouped(used)):
        group = store.make(f"group-{number}", np.uint64)
        for span in store.spans():
            for member in members:
                group[span] += numbered_hashes(store.open(f"hash-{places[member]}")[span], member)
            whole[span] += group[span]
        groups.append(group)
    return RecordTable(used, whole, groups, store.releasing)


def _numbers(store: RowStore, columns: Sequence[Column], contents: Hashes) -> NumberRows:
    """The first row of each content, with its numbers."""
    others = store.make("others", np.uint64)
    numbers = []
    for place, column in enumerate(columns):
        if column.kind in NUMBERS:
            numbers.append(store.open(f"number-{place}"))
            continue
        for span in store.spans():
            others[span] += numbered_hashes(store.open(f"hash-{place}")[span], place)
    return NumberRows.of(numbers, others, np.unique(contents, return_index=True)[1], store.releasing)


def _signs_file(store: RowStore, place: int) -> Path:
    assert store.folder is not None
    return store.folder / f"signs-{place}.bin"


def _is_number(column: Column) -> bool:
    return column.values.dtype.kind == "f"


def _everywhere(span: slice) -> Mask:
    return np.ones(span.stop - span.start, dtype=np.bool_)
