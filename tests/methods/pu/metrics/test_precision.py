import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import precision_score

from dechaff.methods.pu.metrics.precision import pu_precision
from tests.methods.pu.metrics.truth import case_control, single_training_set


def test_by_hand() -> None:
    """c = 1/2: four of eight rows are positive; half of them are found among two positive predictions."""
    labelled, predicted = np.array([True, True, *[False] * 6]), np.array([True, False, True, *[False] * 5])
    assert pu_precision(labelled, predicted, 0.5) == pytest.approx(1.0)


def test_it_is_the_true_precision_in_one_sample() -> None:
    known = single_training_set()
    truth = precision_score(known.population_y, known.predicted)
    assert pu_precision(known.labelled, known.predicted, known.c) == pytest.approx(truth, abs=0.01)


def test_it_is_the_true_precision_of_the_population_in_the_case_control_scheme() -> None:
    known = case_control()
    truth = precision_score(known.population_y, known.population_predicted)
    found = pu_precision(known.labelled, known.predicted, known.c, scheme="case-control")
    assert found == pytest.approx(truth, abs=0.01)


def test_a_mean_over_small_samples_is_right_where_cutting_at_1_would_make_it_too_low() -> None:
    """Every prediction is right; how many of the positives are labelled is luck."""
    drawn = [single_training_set(n=60, c=0.5, seed=seed) for seed in range(300)]
    found = np.array([pu_precision(one.labelled, one.population_y, 0.5) for one in drawn if one.labelled.any()])
    assert found.mean() == pytest.approx(1, abs=0.03)
    assert np.minimum(found, 1).mean() < 0.95


def test_it_is_0_where_nothing_is_called_positive() -> None:
    assert pu_precision(np.array([True, False]), np.array([False, False]), 0.5) == 0.0


def test_it_agrees_with_pulearn_in_one_sample() -> None:
    known = single_training_set(n=500)
    prior = known.labelled.mean() / known.c
    expected = pulearn.pu_precision_score(known.labelled.astype(int), known.predicted.astype(int), prior)
    assert pu_precision(known.labelled, known.predicted, known.c) == pytest.approx(expected)
