import numpy as np
import pytest
from sklearn.metrics import roc_curve

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.auc import pu_auc
from dechaff.methods.pu.metrics.roc_curve import pu_roc_curve
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


@pytest.mark.parametrize("known", [single_training_set(), case_control()])
def test_it_is_the_true_curve(known: Known) -> None:
    found = pu_roc_curve(known.labelled, known.scores, known.c)
    false, true, _ = roc_curve(known.population_y, known.population_scores)
    at = np.linspace(0.05, 0.95, 10)
    of_found = np.interp(at, found.false_positive_rate, found.true_positive_rate)
    assert of_found == pytest.approx(np.interp(at, false, true), abs=0.03)


def test_its_area_is_the_auc() -> None:
    known = single_training_set()
    found = pu_roc_curve(known.labelled, known.scores, known.c)
    area = np.trapezoid(found.true_positive_rate, found.false_positive_rate)
    assert area == pytest.approx(pu_auc(known.labelled, known.scores, known.c), abs=0.01)


def test_it_runs_from_0_to_1_and_never_falls() -> None:
    known = single_training_set(n=60)
    found = pu_roc_curve(known.labelled, known.scores, known.c)
    for rate in (found.false_positive_rate, found.true_positive_rate):
        assert rate[0] == 0
        assert rate[-1] == pytest.approx(1)
        assert (np.diff(rate) >= 0).all()
    assert found.thresholds[0] == np.inf
    assert (np.diff(found.thresholds) < 0).all()


def test_c_must_leave_negatives() -> None:
    with pytest.raises(InputError, match="leave some unlabelled rows negative"):
        pu_roc_curve(np.array([True, False, False]), np.array([0.1, 0.2, 0.3]), 0.1)
