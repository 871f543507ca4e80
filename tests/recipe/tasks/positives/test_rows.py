from __future__ import annotations

import numpy as np
import pytest

from dechaff.recipe.improve.proposals import RELABEL, REVIEW
from dechaff.recipe.tasks.positives.judged import RowChances
from dechaff.recipe.tasks.positives.rows import PositiveRows, labelled_copies, positive_results, proposal
from dechaff.records.policies import BALANCED, BOLD, CONSERVATIVE, REVIEW_ONLY, Policy
from tests.recipe.tasks.positives.positives import N, judged, opened

NONE = np.zeros(N)


def rows(
    chances: np.ndarray = NONE, doubt: np.ndarray = NONE, copies: dict[int, str] | None = None, error_rate: float = 0.0
) -> PositiveRows:
    return PositiveRows(opened(), RowChances(chances, np.full(N, 0.45), doubt), 0.5, error_rate, copies or {})


def test_unlabelled_rows_of_an_even_chance_or_more_are_called_positive():
    found = opened()
    chances = np.full(N, 0.49)
    chances[[1, 7]] = 0.5, 0.9
    chances[0] = 1.0  # it is labelled
    detection, proposed = positive_results(found, judged()[0], rows(chances).rows, {}, CONSERVATIVE)[0]
    assert set(proposed.rows.tolist()) == {1, 7} - set(np.flatnonzero(found.labelled).tolist())
    assert [one.row for one in detection.findings] == proposed.rows.tolist() == np.flatnonzero(detection.flag).tolist()
    assert detection.score[0] == 0


def test_a_copy_of_a_labelled_row_is_positive_unless_that_label_is_wrong():
    score = rows(copies={1: "row 0"}, error_rate=0.1).probably_positive()
    assert np.flatnonzero(score).tolist() == [1]
    assert score[1] == 0.9


def test_only_labels_can_be_called_wrong():
    doubt = np.zeros(N)
    doubt[[0, 1, 2, 3]] = 0.9, 0.9, 0.5, 0.4
    detection, proposed = positive_results(opened(), judged()[0], rows(doubt=doubt).rows, {}, CONSERVATIVE)[1]
    assert proposed.rows.tolist() == [0, 2]
    assert detection.score[1] == 0


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
    said = proposal("P001", np.array([0, 1, 2]), np.array([0.6, 0.85, 0.99]), (1, reliable), policy)
    assert said.actions.tolist() == actions
    assert said.labels.tolist() == [1 if action == RELABEL else -1 for action in actions]


def test_findings_say_what_the_chance_rests_on():
    some = rows(copies={1: "row 0"})
    finding = some.finding("P001", 1, 0.9, acts=True)
    assert finding.why == (
        "The same input as row 0, which is labelled 'yes'. Of rows like this one 45 % are labelled 'yes', of positive "
        "rows 50 %: it is positive with probability 90 %."
    )
    assert (finding.given, finding.suggested, finding.fix) == ("unlabelled", "yes", "Label it 'yes'.")
    wrong = some.finding("P002", 0, 0.97, acts=True)
    assert (wrong.given, wrong.suggested, wrong.fix) == ("yes", "unlabelled", "Remove its label.")
    assert some.finding("P002", 0, 0.6, acts=False).fix == "Check its label; 'yes' is probably wrong."


def test_only_unlabelled_rows_copy_labelled_ones():
    groups, labelled = np.array([-1, 2, 0, -1, 0, -1, 0, 1, 1]), np.isin(np.arange(9), [2, 4, 8])
    assert labelled_copies(groups, labelled).tolist() == [-1, -1, -1, -1, -1, -1, 2, 8, -1]
    assert labelled_copies(np.full(9, -1), labelled).tolist() == [-1] * 9
