import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import recall_score

from dechaff.methods.pu.metrics.recall import pu_recall
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


def test_by_hand() -> None:
    assert pu_recall(np.array([True, True, False]), np.array([True, False, True])) == 0.5


@pytest.mark.parametrize("known", [single_training_set(), case_control()])
def test_it_is_the_true_recall(known: Known) -> None:
    truth = recall_score(known.population_y, known.population_predicted)
    assert pu_recall(known.labelled, known.predicted) == pytest.approx(truth, abs=0.015)


def test_it_agrees_with_pulearn() -> None:
    known = single_training_set(n=500)
    expected = pulearn.pu_recall_score(known.labelled.astype(int), known.predicted.astype(int))
    assert pu_recall(known.labelled, known.predicted) == pytest.approx(expected)
