"""D001 to D003: rows that occur more than once in the training data."""

from __future__ import annotations

import numpy as np

from dechaff.core.codes import combine_codes
from dechaff.core.words import counted, listed, percent
from dechaff.recipe.explore.view import View, label_of
from dechaff.records.findings import Detection, Finding
from dechaff.typing import Groups

MANY_REPEATS = 0.05
"""Fraction of rows equal by chance from which on it is reported."""
FEW_COLUMNS = 3
"""Up to this many columns are named."""
NOTABLE_LOSS = 0.01
"""Contradicting labels of equal rows are reported if they cost a model this fraction of the rows."""


def exact_duplicates(view: View) -> Detection:
    """D001: the same input with the same label, more than once."""
    n = len(view.train)
    if view.natural:
        return Detection("D001", _repeats(view), np.zeros(n), np.zeros(n, dtype=bool))
    labelled = combine_codes([view.groups + 1, view.train.codes + 1], n)
    _, group, sizes = np.unique(labelled, return_inverse=True, return_counts=True)
    flag = (view.groups >= 0) & (sizes[group] > 1)
    certain = 1 - view.repeats.expected / max(view.repeats.observed, 1.0)
    score = np.where(flag, certain, 0.0)
    findings = []
    for members in group_members(np.where(flag, group, -1)):
        head, copies = min(members, key=view.train.positions.__getitem__), len(members)
        score[head] /= 2
        for row in members:
            if row == head:
                why = f"The first of {copies} rows with the same {_input(view)} and the same label."
                fix = "Keep this row, drop its copies."
            else:
                why = f"The same {_input(view)} and the same label as {view.row_name(head)} ({copies} copies in all)."
                fix = f"Drop this row; {view.row_name(head)} is the same."
            copies_of, given = f"dup-{view.groups[row]}", label_of(view.train, row)
            findings.append(Finding("D001", float(score[row]), why, fix, row, copies_of, "", given))
    return Detection("D001", tuple(findings), score, flag)


def conflicting_labels(view: View) -> Detection:
    """D003: the same input with different labels."""
    n = len(view.train)
    if view.natural:
        return Detection("D003", _conflicting_repeats(view), np.zeros(n), np.zeros(n, dtype=bool))
    score, flag = np.zeros(n), np.zeros(n, dtype=bool)
    findings: list[Finding] = []
    votes = class_votes(view)
    for row in np.flatnonzero((view.groups >= 0) & (view.train.codes >= 0)).tolist():
        vote = votes[int(view.groups[row])]
        if len(vote) < 2:
            continue
        flag[row] = True
        score[row] = 1 - vote[int(view.train.codes[row])] / sum(vote.values())
        findings.append(_conflict(view, row, vote, float(score[row])))
    return Detection("D003", tuple(findings), score, flag)


def class_votes(view: View) -> dict[int, dict[int, int]]:
    """For each group of equal rows: label code -> number of rows that carry it."""
    votes: dict[int, dict[int, int]] = {}
    known = (view.groups >= 0) & (view.train.codes >= 0)
    for group, code in zip(view.groups[known].tolist(), view.train.codes[known].tolist(), strict=True):
        vote = votes.setdefault(group, {})
        vote[code] = vote.get(code, 0) + 1
    return votes


def clear_majority(vote: dict[int, int]) -> int | None:
    """The label that at least two rows carry, and at least twice as many as any other; None if there is none.

    Examples
    --------
    >>> clear_majority({0: 2, 1: 1}), clear_majority({0: 1, 1: 1}), clear_majority({0: 3, 1: 2})
    (0, None, None)
    """
    ranked = sorted(vote.items(), key=lambda item: (-item[1], item[0]))
    runner_up = ranked[1][1] if len(ranked) > 1 else 0
    return ranked[0][0] if ranked and ranked[0][1] >= max(2, 2 * runner_up) else None


def near_duplicates(view: View) -> Detection:
    """D002: nearly the same input, more than once; one row stands for all its exact copies."""
    n = len(view.train)
    near = view.near
    if near.templates:
        return Detection("D002", (_templates(view),), np.zeros(n), np.zeros(n, dtype=bool))
    flag = near.groups >= 0
    score = near.similarity * flag
    findings: list[Finding] = []
    what = _input(view)
    for members in group_members(near.groups):
        head, group = members[0], f"near-{near.groups[members[0]]}"
        score[head] /= 2
        names = sorted({int(code) for code in view.train.codes[members] if code >= 0})
        differ = f" The labels of the group differ: {listed([view.train.class_names[c] for c in names])}."
        end = differ if len(names) > 1 else ""
        if near.caveat:
            end += f" Found by {near.caveat}."
        for row in members:
            alike = percent(float(near.similarity[row]))
            if row == head:
                rows = counted(len(members), "row")
                why = f"{rows} have nearly the same {what}; the others are compared with this one.{end}"
                fix = "Keep this row; compare the others of its group with it."
            else:
                why = (
                    f"One of {counted(len(members), 'row')} with nearly the same {what} as {view.row_name(head)} "
                    f"(similarity {alike} to the closest one).{end}"
                )
                fix = f"Compare with {view.row_name(head)}; drop this row if it is a copy."
            findings.append(Finding("D002", float(score[row]), why, fix, row, group, "", label_of(view.train, row)))
    return Detection("D002", tuple(findings), score, flag)


def group_members(groups: Groups) -> list[list[int]]:
    """The rows of each group, in order.

    Examples
    --------
    >>> group_members(np.array([1, -1, 0, 1, 0]))
    [[2, 4], [0, 3]]
    """
    rows = np.flatnonzero(groups >= 0)
    ordered = rows[np.argsort(groups[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(groups[ordered])) + 1
    return [part.tolist() for part in np.split(ordered, cuts)] if len(rows) else []


def _conflict(view: View, row: int, vote: dict[int, int], score: float) -> Finding:
    names = view.train.class_names
    ranked = sorted(vote.items(), key=lambda item: (-item[1], item[0]))
    counts = ", ".join(f"{names[code]} ({count})" for code, count in ranked[:5])
    majority = clear_majority(vote)
    suggested = "" if majority is None or majority == view.train.codes[row] else names[majority]
    why = f"{counted(sum(vote.values()), 'row')} have the same {_input(view)} and different labels: {counts}."
    fix = (
        f"Most of the copies are labelled {suggested}: relabel or drop this row."
        if suggested
        else ("Decide which label is right for the whole group, or add the column that separates these rows.")
    )
    given = label_of(view.train, row)
    return Finding("D003", score, why, fix, row, f"dup-{view.groups[row]}", view.train.label_name, given, suggested)


def _repeats(view: View) -> tuple[Finding, ...]:
    """One finding for a table of so few distinct values that many rows are equal by chance."""
    n, equal = len(view.train), int((view.groups >= 0).sum())
    if equal < MANY_REPEATS * n:
        return ()
    columns = view.content
    why = (
        f"{counted(equal, 'row')} of {n:,} are equal to another one in {columns}: there are only "
        f"{counted(view.repeats.distinct, 'different combination')}, so rows are equal by chance. "
        "They are not treated as duplicates and may be in different folds."
    )
    return (
        Finding("D001", 0.1, why, "Nothing to drop. Add columns if the rows must be distinguished.", field=columns),
    )


def _conflicting_repeats(view: View) -> tuple[Finding, ...]:
    votes = class_votes(view)
    mixed = [vote for vote in votes.values() if len(vote) > 1]
    if not mixed:
        return ()
    n = int((view.train.codes >= 0).sum())
    lost = sum(sum(vote.values()) - max(vote.values()) for vote in mixed)
    if lost < NOTABLE_LOSS * n:
        return ()
    columns = view.content
    why = (
        f"{counted(len(mixed), 'combination')} of {columns} have different labels. Rows are equal by chance "
        f"here because the columns have few distinct values, so no label is called wrong; but with these columns alone "
        f"no model can be right on more than {percent(1 - lost / n)} of these rows."
    )
    return (Finding("D003", 0.3, why, f"Add columns that separate rows with equal {columns}.", field=columns),)


def _templates(view: View) -> Finding:
    why = (
        f"{percent(view.near.templates)} of the rows are nearly the same as another row: the data seem to come from "
        "templates or a few sources, so no single row is reported as a duplicate."
    )
    return Finding(
        "D002", 0.3, why, "Find out how the rows were generated; keep rows of one template in one fold (--group)."
    )


def _input(view: View) -> str:
    """What is equal, in the user's words."""
    names = [column.name for column in view.compared]
    if len(names) == 1:
        return names[0]
    aside = f" (leaving aside {listed(list(view.identifiers))})" if view.identifiers else ""
    if not names:
        return "features"
    return f"values of {listed(names) if len(names) <= FEW_COLUMNS else f'all {len(names)} columns'}" + aside
