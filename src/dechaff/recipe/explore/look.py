"""The pass that looks at the rows themselves: equal rows, empty cells, text artefacts, constant columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from dechaff.data.assemble import check_columns, labelled_parts
from dechaff.data.columns.labels import check_one_coding
from dechaff.data.columns.roles import ColumnRoles
from dechaff.data.dataset import Dataset
from dechaff.data.formats.files import TableFiles
from dechaff.data.formats.part import FilePart
from dechaff.data.keys import content_digests, content_of
from dechaff.data.read import Read, absent_cells
from dechaff.data.splits import HeldOut
from dechaff.methods.cells.cell_columns import CellRule
from dechaff.recipe.explore.cell_errors import cell_columns, check_cells
from dechaff.recipe.explore.cell_rules import rules_from_json
from dechaff.recipe.explore.cells import (
    artefact_detection,
    artefacts_of,
    cell_detection,
    cell_findings,
    everywhere_findings,
    missing_findings,
)
from dechaff.recipe.explore.column_counts import ColumnCount, column_counts
from dechaff.recipe.explore.content_hashes import (
    blank_rows,
    comparable_cells,
    content_hashes,
    data_hashes,
    unit_hashes,
)
from dechaff.recipe.explore.families import FAMILY, OWN, family_hashes, own_names
from dechaff.recipe.explore.outliers import OutlierRule
from dechaff.recipe.explore.outliers_out_of_core import find_outliers, ordinary_rows
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.passes.read_plan import ReadPlan
from dechaff.recipe.passes.sample_fit import SampleFit
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Chunk, Rows, Texts

LOOKING = "looking at every row"


@dataclass(frozen=True)
class LookOutcome:
    """Counts of columns, findings by code, and rows of the test file."""

    columns: dict[str, ColumnCount]
    counts: dict[str, int]
    test_rows: int
    not_run: dict[str, str]


@dataclass(frozen=True)
class PartSeen:
    """What is known of the rows of one part, test rows among them, in their order; ``columns`` are row columns."""

    columns: Chunk
    ids: Texts
    counts: dict[str, ColumnCount]
    findings: tuple[Finding, ...]
    rows: Rows
    """The training rows, by whose places findings name them."""


_COLUMNS: Mapping[str, Any] = {
    "C001": np.float64, "C001_flag": np.bool_, "C003": np.float64, "C003_flag": np.bool_, "O001": np.float64,
}  # fmt: skip
"""Row columns of checks, unless they were not chosen."""
_ALWAYS: Mapping[str, Any] = {
    "code": np.int32, "trains": np.bool_, "key": np.uint64, "unit": np.uint64, "content": np.uint64,
}  # fmt: skip
"""Row columns that looking at the rows leaves, beside their hashes."""


@dataclass(frozen=True)
class _Known:
    """What the sample settled: which rows are odd, and what holds in the cells of nearly all rows."""

    ordinary: OutlierRule | None
    rules: tuple[CellRule, ...]
    texts: bool
    """Whether artefacts in texts are looked for."""


def _seen(read_plan: ReadPlan, sample_fit: SampleFit, known: _Known, part: FilePart) -> PartSeen:
    """Looks at the rows of one part, by the rules that the sample settled; test rows are only hashed for comparison."""
    read = part.read()
    rows, sealed = read_plan.rows(part, read)
    train, places = rows.take(~sealed), np.flatnonzero(~sealed)
    contents, (flag, wrong_flag) = np.zeros(len(rows), np.uint64), np.zeros((2, len(rows)), np.bool_)
    score, odd, wrong = np.zeros((3, len(rows)))
    contents[places] = data_hashes(train)
    counts = column_counts(train.table.columns, sample_fit.placeholders)
    texts = Detection("C003", score=np.zeros(len(train)), flag=np.zeros(len(train), np.bool_))
    if known.texts:
        texts = artefact_detection(train, artefacts_of(train, sample_fit.everywhere))
    score[places], flag[places] = texts.score, texts.flag
    cells = cell_detection(_bad_cells(read_plan.sample, sample_fit.cells, known.rules, train), len(train))
    wrong[places], wrong_flag[places] = cells.score, cells.flag
    odd[places] = 0.0 if known.ordinary is None else known.ordinary.scores(train)
    features = (name for name in read_plan.names if name != read_plan.sample.label_name)
    raw = [read.column(name) or absent_cells(name, read.n_rows) for name in features]
    columns = {
        **compared_hashes(read_plan, rows, read),
        "code": np.where(sealed, -1, rows.codes), "trains": ~sealed, "content": contents,
        "key": content_digests(content_of(raw, read.n_rows)),
        "C001": wrong, "C001_flag": wrong_flag, "C003": score, "C003_flag": flag, "O001": odd,
    }  # fmt: skip
    if rows.parents is not None:
        columns |= {FAMILY: family_hashes(rows.parents), OWN: own_names(rows, rows.parents)}
    return PartSeen(columns, rows.ids, counts, (*cells.findings, *texts.findings), train.positions)


def _bad_cells(sample: Dataset, known: Sequence[Finding], rules: Sequence[CellRule], train: Dataset) -> list[Finding]:
    """Cells of the rows of one part; those of the sample were found with the rules, of which they are a part."""
    place = {position: row for row, position in enumerate(train.positions.tolist())}
    at = sample.positions.tolist()
    found = [replace(one, row=place[at[one.row]]) for one in known if one.row is not None and at[one.row] in place]
    new = train.take(np.isin(train.positions, sample.positions, invert=True))
    others = cell_findings(new, check_cells(rules, cell_columns(new.table.columns)))
    rows = new.positions.tolist()
    found += [replace(one, row=place[rows[one.row]]) for one in others if one.row is not None]
    return sorted(found, key=lambda one: one.row or 0)


def look(context: AuditContext) -> LookOutcome:
    """One pass over all rows; training rows are looked at, test rows are only hashed for comparison."""
    read_plan, sample_fit, store, ids = context.read_plan, context.sample_fit, context.store, context.ids
    tested, results, (ordinary, not_run) = context.request.tested, context.results("looking"), ordinary_rows(context)
    writer = results.writer
    n_hashed = read_plan.n_rows + (0 if tested is None else tested.n_rows)
    choice = context.request.checks
    scored = {name: dtype for name, dtype in _COLUMNS.items() if choice.wants(name.removesuffix("_flag"))}
    if ordinary is None:
        scored.pop("O001", None)
    if read_plan.sample.parents is not None:
        scored |= {FAMILY: np.uint64, OWN: np.bool_}
    columns = {name: store.make(name, dtype) for name, dtype in {**_ALWAYS, **scored}.items()}
    columns |= {name: store.make(name, np.uint64, n_rows=n_hashed) for name in ("hash", "hash_low")}
    counts: dict[str, ColumnCount] = {}
    late, texts = choice.too_late(), choice.wants("C003")
    not_run |= {"C003": late} if texts and late else {}
    settled = _Known(ordinary, rules_from_json(sample_fit.cell_rules).applied, texts and not late)
    for part, found in context.over_parts(partial(_seen, read_plan.alone(), sample_fit, settled), LOOKING):
        span = slice(part.first_row, part.first_row + part.n_rows)
        for name, column in columns.items():
            column[span] = found.columns[name]
        ids.keep(part.first_row, found.ids)
        for name, count in found.counts.items():
            known = counts.setdefault(name, count)
            if known is not count:
                known.merge(count)
        names = dict(zip(range(span.start, span.stop), found.ids.tolist(), strict=True))
        writer.add(found.findings, names.__getitem__, found.rows)
    find_outliers(context, ordinary, results)
    writer.flush()
    if tested is not None:
        _hash_test_file(read_plan, tested, columns)
    return LookOutcome(counts, writer.counts, n_hashed - read_plan.n_rows, not_run)


def sealed_parts(context: AuditContext) -> Iterator[Dataset]:
    """The test rows, part by part: those of the test file, or those held out of the files themselves."""
    read_plan, tested = context.read_plan, context.request.tested
    files = context.request.source if tested is None else tested
    for part, read in files.scan():
        if read.n_rows:
            rows, sealed = read_plan.rows(part, read)
            yield rows if tested is not None else rows.take(np.flatnonzero(sealed))


def column_findings(read_plan: ReadPlan, sample_fit: SampleFit, counts: Mapping[str, ColumnCount]) -> list[Finding]:
    """C002, F001 to F004, F007, and columns full of artefacts (C003): rules of the sample, counts of all rows."""
    n = read_plan.n_train
    return [
        *missing_findings(read_plan.sample.table.columns, sample_fit.placeholders, counts, n),
        *everywhere_findings(sample_fit.everywhere),
        *(one for one in sample_fit.findings if one.code != "F003" or counts[one.field].is_constant(n)),
    ]


def check_test_file(read_plan: ReadPlan, tested: TableFiles, *, labels: bool) -> None:
    """An error if a file of test rows has other columns, or no label that is a class: raised before the work."""
    schema, found = read_plan.sample.schema, set[str]()
    for _, read in tested.scan():
        if read.n_rows:
            check_columns(read, schema)
            parts = labelled_parts(read, ColumnRoles(label=schema.label_name), known=schema, need_label=False)
            found |= set(parts.labels.names) - {""}
            if not labels or found & set(schema.class_names):
                return
    check_one_coding(schema.class_names, found)


def _hash_test_file(read_plan: ReadPlan, tested: TableFiles, columns: Mapping[str, RowColumn]) -> None:
    """The hashes of the rows of a file of test rows, by their inputs alone, behind those of the source."""
    plan = replace(read_plan, held_out=HeldOut())
    for part, read in tested.scan():
        if read.n_rows:
            check_columns(read, read_plan.sample.schema)
            hashes = compared_hashes(read_plan, plan.rows(part, read)[0], read)
            first = read_plan.n_rows + part.first_row
            for name in ("hash", "hash_low"):
                columns[name][first : first + part.n_rows] = hashes[name]


def compared_hashes(read_plan: ReadPlan, rows: Dataset, read: Read) -> Chunk:
    """Columns of the content that is compared, 0 and 0 for rows without any value, and of the unit of each row."""
    cells = [comparable_cells(rows.table[column.name]) for column in read_plan.compared]
    hashes = content_hashes(cells, len(rows))
    group = read.column(read_plan.sample.schema.group_name) if read_plan.sample.schema.group_name else None
    unit = unit_hashes(hashes[:, 0], group)
    hashes[blank_rows(rows, read_plan.compared)] = 0
    return {"hash": hashes[:, 0], "hash_low": hashes[:, 1], "unit": unit}
