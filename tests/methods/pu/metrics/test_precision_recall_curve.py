import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import average_precision_score

from dechaff.methods.pu.metrics.precision import pu_precision
from dechaff.methods.pu.metrics.precision_recall_curve import pu_precision_recall_curve
from dechaff.methods.pu.metrics.recall import pu_recall
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


@pytest.mark.parametrize(
    ("known", "scheme"), [(single_training_set(), "single-training-set"), (case_control(), "case-control")]
)
def test_its_average_precision_is_the_true_one(known: Known, scheme: str) -> None:
    truth = average_precision_score(known.population_y, known.population_scores)
    found = pu_precision_recall_curve(known.labelled, known.scores, known.c, scheme=scheme)
    assert found.average_precision == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("scheme", ["single-training-set", "case-control"])
def test_each_point_is_what_the_metrics_say_at_its_threshold(scheme: str) -> None:
    known = single_training_set(n=200)
    found = pu_precision_recall_curve(known.labelled, known.scores, known.c, scheme=scheme)
    for place in (20, 100, 199):
        predicted = known.scores >= found.thresholds[place]
        precision = min(pu_precision(known.labelled, predicted, known.c, scheme=scheme), 1.0)
        assert found.precision[place] == pytest.approx(precision)
        assert found.recall[place] == pytest.approx(pu_recall(known.labelled, predicted))


def test_a_top_of_labelled_rows_alone_has_a_precision_of_1() -> None:
    labelled, scores = np.array([True, True, False, False]), np.array([4.0, 3.0, 2.0, 1.0])
    found = pu_precision_recall_curve(labelled, scores, 0.7, scheme="case-control")
    assert found.precision[:2].tolist() == [1, 1]
    assert np.isfinite(found.precision).all()


def test_what_pulearn_calls_average_precision_is_something_else() -> None:
    """It gives the area under the lift curve, which is linear in the AUC; and that of unlabelled rows at that."""
    known = single_training_set(prior=0.1)
    truth = average_precision_score(known.population_y, known.scores)
    theirs = pulearn.pu_average_precision_score(known.labelled.astype(int), known.scores, known.population_y.mean())
    assert theirs > truth + 0.3
