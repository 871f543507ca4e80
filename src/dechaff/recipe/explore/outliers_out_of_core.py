"""O001 among any number of rows: what is ordinary is settled by the sample, then each part is scored by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.recipe.explore.outliers import OutlierRule, flagged_from, outlier_findings, rule_of, why_not_compared
from dechaff.recipe.improve.proposals import proposal_of
from dechaff.recipe.outcome.findings_writer import RowResults
from dechaff.recipe.passes.context import AuditContext
from dechaff.records.findings import Detection
from dechaff.typing import Rows


def ordinary_rows(context: AuditContext) -> tuple[OutlierRule | None, dict[str, str]]:
    """What is ordinary in the sample, or why outliers cannot be found."""
    names, choice = [column.name for column in context.read_plan.compared], context.request.checks
    if not choice.wants("O001"):
        return None, {}
    if why := choice.too_late():
        return None, {"O001": why}
    try:
        rule = rule_of(context.read_plan.sample, names, seed=context.request.seed)
    except Exception as error:  # the other checks stand, and the reason goes into the report
        return None, {"O001": f"{type(error).__name__}: {error}"}
    reason = why_not_compared(context.read_plan.sample) if rule is None else ""
    return rule, {"O001": reason} if reason else {}


def find_outliers(context: AuditContext, rule: OutlierRule | None, results: RowResults) -> None:
    """O001 of all rows, whose scores are known; the cells of odd ones are read again."""
    if rule is None:
        return
    store, read_plan = context.store, context.read_plan
    scores, trains = store.open("O001"), store.open("trains")

    def places(least: float) -> list[Rows]:
        """Of rows of at least this score."""
        spans = store.spans()
        return [np.flatnonzero((scores[span] >= least) & trains[span]) + span.start for span in spans]

    least = flagged_from(read_plan.n_train, lambda some: sum(map(len, places(some))))
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *(places(least) if np.isfinite(least) else [])])
    flags = store.make("O001_flag", np.bool_)
    flags[rows] = True
    results.begin_proposals("O001")
    for some in context.request.over_rows(read_plan.alone().rows_at, rows):
        found = outlier_findings(rule, some, np.asarray(scores[some.positions]), range(len(some)))
        results.found([replace(one, row=int(some.positions[one.row or 0])) for one in found], context.ids.name)
        results.propose(proposal_of(Detection("O001", found), some.positions, context.request.policy), some.positions)
