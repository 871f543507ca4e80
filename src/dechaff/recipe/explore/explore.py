"""The first step of the recipe: look at the data themselves, before any model does.

Every detector is guarded: if one fails, its code is reported as not run, with the reason, and the others stand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from dechaff.core.groups import merged_groups
from dechaff.core.progress import Progress, silent
from dechaff.data.dataset import Dataset
from dechaff.methods.cells.cell_columns import CellRule
from dechaff.recipe.explore import cells, drift, duplicates, features, labels, leaks, outliers
from dechaff.recipe.explore.column_counts import column_facts
from dechaff.recipe.explore.view import View
from dechaff.records.check_choice import ALL, CheckChoice
from dechaff.records.codes import CODES
from dechaff.records.drift import Drift
from dechaff.records.findings import Detection
from dechaff.records.record import Column
from dechaff.records.wrong_cells import WrongCells
from dechaff.typing import Groups, Mask

Detector = Callable[[View], Detection]

DETECTORS: tuple[tuple[str, Detector], ...] = (
    ("L003", labels.missing_labels),
    ("L004", labels.few_rows),
    ("D001", duplicates.exact_duplicates),
    ("D002", duplicates.near_duplicates),
    ("D003", duplicates.conflicting_labels),
    ("D004", leaks.rows_in_both),
    ("L006", labels.label_spellings),
    ("C001", cells.bad_cells),
    ("C002", cells.missing_cells),
    ("C003", cells.texts_with_artefacts),
    ("C004", cells.faulty_images),
    ("O001", outliers.outliers),
    ("F001", features.identifier_columns),
    ("F002", features.leaking_columns),
    ("F003", features.constant_columns),
    ("F004", features.redundant),
    ("F006", drift.drifting_columns),
    ("F007", features.leaking_gaps),
    ("S002", drift.different_samples),
)
"""What explore looks for, in the order in which it looks."""

LATE = ("C001", "C003", "C004", "O001", "F006", "S002")
"""With a time budget these come after the model is trained, which needs none of them."""
LARGEST_SHARE = 0.05
"""A group of near copies larger than this fraction of the rows is a chain or a template, and would spoil the folds."""
SMALL_GROUP = 20
STOPPED = "stopped by Ctrl-C"
"""Reason of a check that the user stopped."""
FEWEST_UNITS = 10
"""Fewer units than this (rows that stand alone, and groups) cannot be split into folds."""


@dataclass(frozen=True)
class Explored:
    """What explore found.

    ``columns`` is what a report says of the columns. ``equal`` are the groups of copies among the training rows,
    -1 = alone; ``together`` those of exact and near copies, which no fold may part. ``unread`` are the training rows
    whose image cannot be read: predictions for them are meaningless. ``notes`` say what was looked for less than fully.
    """

    detections: tuple[Detection, ...]
    columns: tuple[Column, ...]
    equal: Groups
    together: Groups
    unread: Mask
    notes: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()
    """How the samples that the data consist of differ."""
    cell_rules: tuple[CellRule, ...] = ()
    """What holds in nearly all rows (C001), to be said of other rows."""
    wrong_cells: tuple[WrongCells, ...] = ()
    """The columns with wrong cells (C001), for the report."""

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C stopped it."""
        return any(one.not_run.startswith(STOPPED) for one in self.detections)

    def followed_by(self, later: Explored) -> Explored:
        """The same with what was looked for later, which no model needs."""
        return replace(
            self,
            detections=(*self.detections, *later.detections),
            drift=later.drift or self.drift,
            cell_rules=later.cell_rules or self.cell_rules,
            wrong_cells=later.wrong_cells or self.wrong_cells,
        )


def explore(
    train: Dataset,
    test: Dataset | None = None,
    *,
    checks: Collection[str] = tuple(CODES),
    choice: CheckChoice = ALL,
    seed: int = 0,
    progress: Progress = silent,
) -> Explored:
    """Look for what is wrong with the data, without a model.

    Ctrl-C stops the looking; what is finished is kept, and the rest is reported as not run.

    Parameters
    ----------
    train : Dataset
    test : Dataset or None
        Sealed rows: only compared with the training rows, for copies of their inputs (D004) and for drift (F006, S002).
    checks : codes of what is looked for
    choice : which of them were chosen, and until when a check may begin
    seed : of the folds in which a column's power over the label is measured
    progress : called with the number of finished detectors
    """
    return explore_view(View(train, test, seed), checks=checks, choice=choice, progress=progress)


def explore_view(
    view: View, *, checks: Collection[str], choice: CheckChoice = ALL, progress: Progress = silent
) -> Explored:
    """The same for a view of the rows, which keeps what several detectors need."""
    train, detections, stopped = view.train, list[Detection](), False
    detectors = [(code, detector) for code, detector in DETECTORS if code in checks and choice.wants(code)]
    for done, (code, detector) in enumerate(detectors):
        if stopped:
            detections.append(Detection(code, not_run=f"{STOPPED} before its turn"))
            continue
        if why := choice.too_late():
            detections.append(Detection(code, not_run=why))
            continue
        try:
            progress("explore", done, len(detectors))
            detections.append(_guarded(code, detector, view))
        except KeyboardInterrupt:
            stopped = True
            detections.append(Detection(code, not_run=STOPPED))
    progress("explore", len(detectors), len(detectors))
    ran = {one.code for one in detections if not one.not_run}
    alone, columns = np.full(len(train), -1, dtype=np.int64), column_facts(train.table.columns, view.counts)
    # Groups come from the comparisons that were finished: whatever failed or was stopped has been reported.
    copies = "D001" in ran or not choice.wants("D001")  # folds need them, whether or not they are reported
    equal = view.groups if copies and not view.natural else alone
    together = tied_together(merged_groups(equal, view.families), view.near.whole if "D002" in ran else alone)
    unread = view.unread if "C002" in ran else np.zeros(len(train), dtype=bool)
    caveat = view.near.caveat if "D002" in ran else ""
    notes = (f"Near duplicates were searched by {caveat}.",) if caveat else ()
    found = view.drift if {"F006", "S002"} & ran else ()
    rules, wrong = (view.cell_errors.rules, view.wrong_cells) if "C001" in ran else ((), ())
    return Explored(tuple(detections), columns, equal, together, unread, notes, found, rules, wrong)


def _guarded(code: str, detector: Detector, view: View) -> Detection:
    try:
        return detector(view)
    except Exception as error:  # the other checks stand, and the reason goes into the report
        return Detection(code, not_run=f"{type(error).__name__}: {error}")


def tied_together(equal: Groups, near: Groups) -> Groups:
    """The rows that no fold may part: copies and near copies, unless that would leave too little to deal out.

    Parameters
    ----------
    equal : (n,) int64, groups of equal rows; -1 = alone
    near : (n,) int64, groups of near rows; -1 = alone

    Returns
    -------
    (n,) int64

    Examples
    --------
    >>> tied_together(np.array([0, 0, -1] + [-1] * 9), np.array([-1, 0, 0] + [-1] * 9))[:4]
    array([ 0,  0,  0, -1])
    """
    n = len(equal)
    groups = merged_groups(equal, small_groups(near, n))
    units = int((groups < 0).sum()) + int(groups.max(initial=-1)) + 1
    return groups if units >= FEWEST_UNITS else np.full(n, -1, dtype=np.int64)


def small_groups(groups: Groups, n_rows: int) -> Groups:
    """The groups that are no chain and no template, however many rows the data have."""
    sizes = np.bincount(groups[groups >= 0], minlength=1)
    large = sizes[np.maximum(groups, 0)] > max(SMALL_GROUP, LARGEST_SHARE * n_rows)
    return np.where((groups >= 0) & large, -1, groups)
