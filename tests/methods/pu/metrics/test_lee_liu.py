import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import precision_score, recall_score

from dechaff.methods.pu.metrics.lee_liu import lee_liu
from tests.methods.pu.metrics.truth import single_training_set


def test_by_hand() -> None:
    """Half of the labelled rows found, two of five rows called positive: 0.25 / 0.4."""
    labelled, predicted = np.array([True, True, False, False, False]), np.array([True, False, True, False, False])
    assert lee_liu(labelled, predicted) == pytest.approx(0.625)


def test_it_is_precision_times_recall_by_the_prior() -> None:
    known = single_training_set()
    truth = precision_score(known.population_y, known.predicted) * recall_score(known.population_y, known.predicted)
    assert lee_liu(known.labelled, known.predicted) == pytest.approx(truth / known.population_y.mean(), rel=0.02)


def test_it_is_0_where_nothing_is_called_positive() -> None:
    assert lee_liu(np.array([True, False]), np.array([False, False])) == 0.0


def test_it_agrees_with_pulearn() -> None:
    known = single_training_set(n=500)
    expected = pulearn.lee_liu_score(known.labelled.astype(int), known.predicted.astype(int))
    assert lee_liu(known.labelled, known.predicted) == pytest.approx(expected)
