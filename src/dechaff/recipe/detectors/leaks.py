"""D004: rows that stand both in the training data and in the sealed test data."""

from __future__ import annotations

import numpy as np

from dechaff.data.dataset import Dataset
from dechaff.recipe.detectors.shared import NEAR_WEIGHT
from dechaff.recipe.detectors.view import View, row_name
from dechaff.recipe.detectors.words import counted, percent
from dechaff.records.findings import Detection, Finding


def rows_in_both(view: View) -> Detection:
    """D004: training rows that also stand in the test data."""
    n, shared = len(view.train), view.shared
    if view.test is None or shared.coincidences:
        found = (_coincidences(view, shared.coincidences),) if shared.coincidences else ()
        return Detection("D004", found, np.zeros(n), np.zeros(n, dtype=bool))
    findings = tuple(_leak(view, view.test, row) for row in np.flatnonzero(shared.in_test).tolist())
    facts: dict[str, object] = {"test_rows_in_train": int(shared.in_train.sum())}
    return Detection("D004", findings, shared.score, shared.in_test, facts=facts)


def _leak(view: View, test: Dataset, row: int) -> Finding:
    score, partner = float(view.shared.score[row]), int(view.shared.partner[row])
    how = "The same input" if score == 1 else f"Nearly the same input ({percent(score / NEAR_WEIGHT)} alike)"
    why = f"{how} also stands in the test data ({row_name(test, partner)} there): a score on it is memory, not skill."
    fix = f"Leave {view.row_name(row)} out of the training data, or its copy out of the test score."
    code = int(view.train.codes[row])
    given = view.train.class_names[code] if code >= 0 else ""
    return Finding("D004", score, why, fix, row, f"leak-{partner}", "", given)


def _coincidences(view: View, number: int) -> Finding:
    columns = view.content
    why = (
        f"{counted(number, 'row')} of train equal a test row in {columns}. These columns hold so few values that "
        "rows coincide by themselves; no row is taken for a copy."
    )
    fix = "Nothing to drop. If rows were copied from one file to the other, compare their ids."
    return Finding("D004", 0.1, why, fix, field=columns)
