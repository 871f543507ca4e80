from __future__ import annotations

import numpy as np
import pytest

from dechaff.recipe.improve.proposals import RELABEL, REVIEW
from dechaff.recipe.tasks.positives.rows import (
    Doubted,
    PositiveEstimates,
    detection,
    labelled_copies,
    probably_not_positive,
    probably_positive,
    proposal,
    rows_to_review,
)
from dechaff.records.findings import Detection, Finding
from dechaff.records.policies import BALANCED, BOLD, CONSERVATIVE, REVIEW_ONLY, Policy
from tests.recipe.tasks.positives.positives import N, opened


def test_unlabelled_rows_of_an_even_chance_or_more_are_called_positive():
    found = opened()
    chances = np.full(N, 0.49)
    chances[[1, 7]] = 0.5, 0.9
    chances[0] = 1.0  # it is labelled
    doubted = probably_positive(found, chances, {}, error_rate=0.0)
    assert set(doubted.rows.tolist()) == {1, 7} - set(np.flatnonzero(found.labelled).tolist())
    assert doubted.score[0] == 0


def test_a_copy_of_a_labelled_row_is_positive_unless_that_label_is_wrong():
    doubted = probably_positive(opened(), np.zeros(N), {1: 0}, error_rate=0.1)
    assert doubted.rows.tolist() == [1]
    assert doubted.score[1] == 0.9


def test_only_labels_can_be_called_wrong():
    doubt = np.zeros(N)
    doubt[[0, 1, 2, 3]] = 0.9, 0.9, 0.5, 0.4
    doubted = probably_not_positive(opened(), doubt)
    assert doubted.rows.tolist() == [0, 2]
    assert doubted.score[1] == 0


@pytest.mark.parametrize(
    ("policy", "reliable", "actions"),
    [
        (CONSERVATIVE, True, [REVIEW, REVIEW, RELABEL]),
        (BALANCED, True, [REVIEW, RELABEL, RELABEL]),
        (BOLD, True, [RELABEL, RELABEL, RELABEL]),
        (REVIEW_ONLY, True, [REVIEW, REVIEW, REVIEW]),
        (BOLD, False, [REVIEW, REVIEW, REVIEW]),
    ],
)
def test_labels_are_changed_where_the_policy_is_sure_and_the_chances_can_be_relied_on(
    policy: Policy, reliable: bool, actions: list[int]
):
    doubted = Doubted("P001", np.array([0, 1, 2]), np.array([0.6, 0.85, 0.99]))
    said = proposal(doubted, 1, policy, reliable=reliable)
    assert said.actions.tolist() == actions
    assert said.labels.tolist() == [1 if action == RELABEL else -1 for action in actions]


def test_findings_say_what_the_chance_rests_on():
    found = opened()
    estimates = PositiveEstimates(found, np.full(N, 0.45), 0.5, {1: 0})
    doubted = Doubted("P001", np.array([1]), np.where(np.arange(N) == 1, 0.9, 0.0))
    (finding,) = detection(doubted, proposal(doubted, 1, BALANCED, reliable=True), estimates).findings
    assert finding.why == (
        "The same input as row 0, which is labelled 'yes'. Of rows like this one 45 % are labelled 'yes', of positive "
        "rows 50 %: it is positive with probability 90 %."
    )
    assert (finding.given, finding.suggested, finding.fix) == ("unlabelled", "yes", "Label it 'yes'.")
    wrong = estimates.not_positive(0, 0.97, acts=True)
    assert (wrong.given, wrong.suggested, wrong.fix) == ("yes", "unlabelled", "Take its label away.")
    assert estimates.not_positive(0, 0.6, acts=False).fix == "Check its label; 'yes' is probably wrong."


def test_only_unlabelled_rows_copy_labelled_ones():
    rows = [(4, "a"), (2, "a"), (7, "b"), (8, "b"), (1, "c")]
    same = Detection("D003", tuple(Finding("D003", 0.5, "", "", row, group) for row, group in rows))
    labelled = np.isin(np.arange(9), [2, 4, 8])
    assert labelled_copies([same], labelled) == {7: 8}
    assert labelled_copies([], labelled) == {}


def test_all_copies_but_the_first_are_set_aside():
    rows = [(5, "a", "yes"), (3, "a", "yes"), (4, "a", "no"), (9, "b", "no")]
    findings = tuple(Finding("D001", 0.9, "", "", row, group, "", given) for row, group, given in rows)
    assert rows_to_review(Detection("D001", findings), np.arange(10)).rows.tolist() == [5]
    assert rows_to_review(Detection("D002", findings), np.arange(10)).rows.tolist() == [4, 5]
    assert rows_to_review(Detection("D002"), np.arange(10)).rows.size == 0


def test_a_row_that_cannot_be_read_is_set_aside():
    findings = (Finding("C002", 0.9, "", "", 4), Finding("C002", 0.9, "", "", 2), Finding("C002", 0.5, "", "", None))
    assert rows_to_review(Detection("C002", findings), np.arange(10)).rows.tolist() == [2, 4]
