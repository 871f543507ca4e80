import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import f1_score

from dechaff.methods.pu.metrics.f1 import pu_f1
from dechaff.methods.pu.metrics.precision import pu_precision
from dechaff.methods.pu.metrics.recall import pu_recall
from tests.methods.pu.metrics.truth import case_control, single_training_set


def test_it_is_the_harmonic_mean_of_precision_and_recall() -> None:
    known = single_training_set(n=400)
    precision = pu_precision(known.labelled, known.predicted, known.c)
    recall = pu_recall(known.labelled, known.predicted)
    expected = 2 * precision * recall / (precision + recall)
    assert pu_f1(known.labelled, known.predicted, known.c) == pytest.approx(expected)


def test_it_is_the_true_f1_in_both_schemes() -> None:
    single, two = single_training_set(), case_control()
    truth = f1_score(single.population_y, single.predicted)
    assert pu_f1(single.labelled, single.predicted, single.c) == pytest.approx(truth, abs=0.01)
    truth = f1_score(two.population_y, two.population_predicted)
    assert pu_f1(two.labelled, two.predicted, two.c, scheme="case-control") == pytest.approx(truth, abs=0.01)


def test_it_is_0_where_nothing_is_called_positive() -> None:
    assert pu_f1(np.array([True, False]), np.array([False, False]), 0.5) == 0.0


def test_it_agrees_with_pulearn_in_one_sample() -> None:
    known = single_training_set(n=500)
    prior = known.labelled.mean() / known.c
    expected = pulearn.pu_f1_score(known.labelled.astype(int), known.predicted.astype(int), prior)
    assert pu_f1(known.labelled, known.predicted, known.c) == pytest.approx(expected)
