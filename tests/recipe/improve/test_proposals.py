"""One decision a row from what detectors propose."""

from __future__ import annotations

import numpy as np

from dechaff.recipe.improve.proposals import DROP, KEEP, RELABEL, REVIEW, Proposal, decide, proposal_of
from dechaff.records.findings import Detection, Finding
from dechaff.records.policies import BOLD, REVIEW_ONLY


def proposal(code, rows, actions, labels=None, score=None):
    labels = [-1] * len(rows) if labels is None else labels
    score = [0.5] * len(rows) if score is None else score
    return Proposal(code, np.array(rows, np.int64), np.array(actions, np.int64), np.array(labels), np.array(score))


def test_without_proposals_every_row_is_kept():
    decided = decide([], 3)
    assert decided.action.tolist() == [KEEP] * 3
    assert decided.kept().all()


def test_no_rows_need_no_decision():
    assert len(decide([], 0).action) == 0


def test_the_first_that_acts_decides():
    first = proposal("L002", [0], [RELABEL], [2], [0.9])
    second = proposal("L001", [0], [DROP])
    decided = decide([first, second], 1)
    assert (decided.action[0], decided.label[0], decided.code[0], decided.score[0]) == (RELABEL, 2, "L002", 0.9)


def test_acting_goes_before_a_review_that_came_earlier():
    decided = decide([proposal("L002", [0], [REVIEW]), proposal("L001", [0], [DROP])], 1)
    assert (decided.action[0], decided.code[0]) == (DROP, "L001")


def test_the_first_of_two_reviews_names_the_row():
    decided = decide([proposal("L001", [0], [REVIEW]), proposal("D002", [0], [REVIEW])], 1)
    assert decided.code[0] == "L001"


def test_a_keep_proposes_nothing():
    decided = decide([proposal("D001", [0, 1], [KEEP, DROP])], 2)
    assert decided.action.tolist() == [KEEP, DROP]
    assert decided.code.tolist() == ["", "D001"]


def test_labels_change_only_where_a_row_is_relabelled():
    decided = decide([proposal("L001", [0, 1], [RELABEL, DROP], [1, -1])], 3)
    assert decided.codes(np.array([0, 0, -1])).tolist() == [1, 0, -1]


def test_all_copies_but_the_first_are_set_aside():
    rows = [(5, "a", "yes"), (3, "a", "yes"), (4, "a", "no"), (9, "b", "no")]
    findings = tuple(Finding("D001", 0.9, "", "", row, group, "", given) for row, group, given in rows)
    proposed = proposal_of(Detection("D001", findings), np.arange(10), BOLD)
    assert (proposed.rows.tolist(), proposed.actions.tolist()) == ([5], [DROP])
    assert proposal_of(Detection("D001", findings), np.arange(10), REVIEW_ONLY).actions.tolist() == [REVIEW]
    assert proposal_of(Detection("D002", findings), np.arange(10), BOLD, drops=False).rows.tolist() == [4, 5]
    assert proposal_of(Detection("D002", findings), np.arange(10), BOLD).rows.tolist() == [3, 4, 5, 9]
    assert proposal_of(Detection("D002"), np.arange(10), BOLD).rows.size == 0


def test_a_row_that_cannot_be_read_is_set_aside():
    findings = (Finding("C002", 0.9, "", "", 4), Finding("C002", 0.9, "", "", 2), Finding("C002", 0.5, "", "", None))
    assert proposal_of(Detection("C002", findings), np.arange(10), BOLD, drops=False).rows.tolist() == [2, 4]
