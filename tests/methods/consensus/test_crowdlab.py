"""People and a model together: the figures of a case small enough to do by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.consensus.answer_rows import AnswerRows
from dechaff.methods.consensus.crowdlab import LEAST_WEIGHT, at_temperature, crowdlab, temperature_by_answers


def rows_of(answers: np.ndarray, k: int = 2) -> AnswerRows:
    """(n, m) answers, -1 = none, one row each."""
    items, annotators = np.nonzero(answers >= 0)
    n, m = answers.shape
    return AnswerRows.of(items, annotators, answers[items, annotators], n_items=n, n_annotators=m, n_classes=k)


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_the_temperature_by_which_probabilities_were_spoilt_is_found(true: float) -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(3), 2000)
    answers = np.stack([[rng.choice(3, p=row) for row in probs] for _ in range(4)], axis=1)
    answers[:, 3][rng.random(2000) < 0.5] = -1
    assert temperature_by_answers(rows_of(answers, 3), at_temperature(probs, 1 / true)) == pytest.approx(true, rel=0.06)


def test_probabilities_of_zero_stay_zero_and_a_temperature_of_one_changes_nothing() -> None:
    probs = np.array([[1.0, 0.0], [0.3, 0.7]])
    np.testing.assert_allclose(at_temperature(probs, 1.0), probs, atol=1e-12)
    assert at_temperature(probs, 0.1)[0, 1] == 0


ANSWERS = rows_of(np.array([[0, 0, 1], [1, 1, 1], [0, 0, -1], [1, -1, 0]]))
MODEL = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.3, 0.7]])
TRUTH = np.array([0, 1, 0, 1])


def test_weights_and_posterior_of_a_case_done_by_hand() -> None:
    found = crowdlab(ANSWERS, [MODEL], consensus=TRUTH)
    # Naming one class gets half of the rows wrong. Of the others' answers to the first one's rows 1 of 2, 2 of 2,
    # 1 of 1 and 0 of 1 are alike: 4 of 6. To the second one's 1 of 2, 2 of 2, 1 of 1: 4 of 5. To the third one's
    # 0 of 2, 2 of 2, 0 of 1: 2 of 5.
    np.testing.assert_allclose(found.annotator_weight, [1 - (1 / 3) / 0.5, 1 - (1 / 5) / 0.5, LEAST_WEIGHT])
    # The model errs nowhere; there are 10 answers to 4 rows.
    np.testing.assert_allclose(found.model_weights, [np.sqrt(2.5)])
    np.testing.assert_allclose(found.agreement, [2 / 3, 1, 1, 1 / 2])
    agree = (2 / 3 + 1 + 1 + 1 / 2) / 4
    model, first = np.sqrt(2.5), 1 / 3
    last = (model * 0.7 + first * agree + LEAST_WEIGHT * (1 - agree)) / (model + first + LEAST_WEIGHT)
    assert found.posterior[3, 1] == pytest.approx(last)
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1)


def test_a_model_that_knows_nothing_beyond_the_most_common_class_counts_for_nothing() -> None:
    found = crowdlab(ANSWERS, [MODEL, np.full((4, 2), 0.5)], consensus=TRUTH)
    assert found.model_weights[1] < 1e-5 < found.model_weights[0]


def test_where_all_rows_are_of_one_class_nobody_can_be_told_from_anybody() -> None:
    found = crowdlab(
        rows_of(np.zeros((3, 2), dtype=np.int64)), [np.tile([0.9, 0.1], (3, 1))], consensus=np.zeros(3, dtype=np.int64)
    )
    np.testing.assert_allclose(found.annotator_weight, 1)
    assert np.isfinite(found.posterior).all()


def test_people_are_compared_with_each_other_or_not_at_all() -> None:
    with pytest.raises(InputError, match="contain two or more of some row"):
        crowdlab(rows_of(np.array([[0, -1], [-1, 1]])), [MODEL[:2]], consensus=np.array([0, 1]))
