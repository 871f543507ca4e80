"""D004: rows that are both in the training data and in the sealed test data."""

from __future__ import annotations

import numpy as np

from dechaff.core.table import Column
from dechaff.core.words import counted, listed, percent
from dechaff.data.dataset import Dataset
from dechaff.recipe.explore.view import NEAR_WEIGHT, View, label_of, row_name
from dechaff.records.findings import Detection, Finding

_MEMORY = "a correct prediction of it may be memorised"


def rows_in_both(view: View) -> Detection:
    """D004: training rows that are also in the test data."""
    n, shared = len(view.train), view.shared
    if view.test is None or shared.coincidences:
        found = (_coincidences(view, shared.coincidences),) if shared.coincidences else ()
        return Detection("D004", found, np.zeros(n), np.zeros(n, dtype=bool))
    in_test = shared.score > 0
    findings = tuple(_leak(view, view.test, row) for row in np.flatnonzero(in_test).tolist())
    return Detection("D004", findings, shared.score, in_test)


def _leak(view: View, test: Dataset, row: int) -> Finding:
    partner, lender = int(view.shared.partner[row]), int(view.shared.lender[row])
    there = f"is also in the test data ({row_name(test, partner)} there)"
    if lender >= 0:
        why = f"A near duplicate of {view.row_name(lender)}, which {there}, perhaps slightly changed: {_MEMORY}."
    else:
        why = _same_or_nearly(view, test, row, there)
    fix = f"Leave {view.row_name(row)} out of the training data, or its copy out of the test data."
    score, given = float(view.shared.score[row]), label_of(view.train, row)
    return Finding("D004", score, why, fix, row, f"leak-{partner}", "", given)


def _same_or_nearly(view: View, test: Dataset, row: int, there: str) -> str:
    """What is the same; of rows that only their texts tie, the columns that are not."""
    score, partner = float(view.shared.score[row]), int(view.shared.partner[row])
    if score == 1:
        return f"The same input {there}: {_MEMORY}."
    near = f"({percent(score / NEAR_WEIGHT)} alike)"
    texts = [column for column in view.compared if column.kind == "text"]
    others = [column for column in view.compared if texts and column.kind != "text"]
    differ = [column.name for column in others if not _equal_cells(column, row, test.table[column.name], partner)]
    if not differ:
        return f"Nearly the same input {near} {there}: {_MEMORY}."
    same = all(column.values[row].strip() == test.table[column.name].values[partner].strip() for column in texts)
    named = listed([column.name for column in texts])
    alike = f"The same {named}" if same else f"Nearly the same {named} {near}"
    return f"{alike} {there}, with another {listed(differ)}: a correct prediction of it may be partly memorised."


def _equal_cells(column: Column, row: int, other: Column, place: int) -> bool:
    if column.missing[row] or other.missing[place]:
        return bool(column.missing[row] and other.missing[place])
    return bool(column.values[row] == other.values[place])


def _coincidences(view: View, number: int) -> Finding:
    columns = view.content
    why = (
        f"{counted(number, 'training row')} equal a test row in {columns}. These columns have so few distinct values "
        "that rows are equal by chance; no row is treated as a leak."
    )
    fix = "Nothing to drop. If rows were copied from one file to the other, compare their IDs."
    return Finding("D004", 0.1, why, fix, field=columns)
