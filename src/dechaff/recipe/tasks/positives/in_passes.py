"""Labelled positives and unlabelled rows, out of core: the findings about every row, from its label probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.data.open_positives import OpenedPositives
from dechaff.methods.pu.scheme import Scheme
from dechaff.recipe.explore.copies import some_rows, whole_groups
from dechaff.recipe.explore.equal import Equal
from dechaff.recipe.outcome.row_results import RowResults
from dechaff.recipe.outcome.row_store import RowColumn
from dechaff.recipe.passes.context import AuditContext
from dechaff.recipe.tasks.positives.judged import Judged, LabelProbs, judge
from dechaff.recipe.tasks.positives.rows import positive_results


def judge_all_rows(context: AuditContext, found: OpenedPositives, scheme: Scheme) -> Judged:
    """Everything that follows from the chance of a label in all rows; ``found`` is the sample."""
    sample, code = found.train, found.positive_code
    probs = context.parts.of(sample.positions)[:, code].clip(0.0, 1.0)
    folds = np.asarray(context.store.open("fold")[sample.positions], dtype=np.int64)
    return judge(
        LabelProbs.of_parts(context.parts, code),
        sample,
        (probs, found.labelled, folds),
        scheme=scheme,
        model=context.request.model,
        seed=context.request.seed,
    )


def write_positive_findings(
    context: AuditContext, found: OpenedPositives, judged: Judged, equal: Equal, results: RowResults
) -> None:
    """P001 and P002 of all rows, part by part."""
    for code in ("P001", "P002"):
        results.begin(code, proposes=True)
    copies, word = _labelled_copies(context, found, equal), found.train.id_name or "row"
    for part in context.parts_with_progress("positives, one by one"):
        partner = np.asarray(copies[part.rows])
        of = np.flatnonzero(partner >= 0)
        names = {row: f"{word} {context.ids.name(other)}" for row, other in zip(of.tolist(), partner[of], strict=True)}
        train = some_rows(context.read_plan, context.seen, part.rows)
        rows = replace(found, opened=replace(found.opened, train=train))
        chances = judged.rows(part.probs[:, found.positive_code].clip(0.0, 1.0), rows.labelled)
        for detection, proposal in positive_results(rows, judged, chances, names, context.request.policy):
            results.add(detection, part.rows, context.ids.name)
            results.propose(proposal, part.rows)


def _labelled_copies(context: AuditContext, found: OpenedPositives, equal: Equal) -> RowColumn:
    """For each unlabelled row, the first labelled row of the same input, -1 for none."""
    copies = context.store.make("labelled-copy", np.int64, -1)
    for rows in whole_groups(equal):
        groups = np.asarray(equal.groups[rows])
        labelled = np.asarray(context.seen.codes[rows]) == found.positive_code
        numbers, first = np.unique(groups[labelled], return_index=True)
        if not len(numbers):
            continue
        place = np.minimum(np.searchsorted(numbers, groups), len(numbers) - 1)
        has = (numbers[place] == groups) & ~labelled
        copies[rows[has]] = rows[labelled][first][place[has]]
    return copies
