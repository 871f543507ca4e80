import numpy as np
import pytest

from dechaff.methods.pu.metrics.accuracy import pu_accuracy
from dechaff.methods.pu.metrics.risk import pu_risk
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


@pytest.mark.parametrize(
    ("known", "scheme"), [(single_training_set(), "single-training-set"), (case_control(), "case-control")]
)
def test_it_is_the_true_accuracy(known: Known, scheme: str) -> None:
    truth = (known.population_predicted == known.population_y).mean()
    assert pu_accuracy(known.labelled, known.predicted, known.c, scheme=scheme) == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("scheme", ["single-training-set", "case-control"])
def test_it_is_one_minus_the_risk_of_the_zero_one_loss(scheme: str) -> None:
    known = single_training_set(n=300)
    missed, called = (~known.predicted).astype(float), known.predicted.astype(float)
    risk = pu_risk(known.labelled, missed, called, known.c, scheme=scheme)
    assert pu_accuracy(known.labelled, known.predicted, known.c, scheme=scheme) == pytest.approx(1 - risk)


def test_calling_everything_positive_is_right_as_often_as_rows_are_positive() -> None:
    known = single_training_set(n=300)
    found = pu_accuracy(known.labelled, np.ones(300, dtype=bool), known.c)
    assert found == pytest.approx(known.population_y.mean())
