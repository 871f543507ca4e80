import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import log_loss

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.risk import pu_log_loss, pu_risk
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


@pytest.mark.parametrize(
    ("known", "scheme"), [(single_training_set(), "single-training-set"), (case_control(), "case-control")]
)
def test_it_is_the_true_log_loss(known: Known, scheme: str) -> None:
    truth = log_loss(known.population_y, known.population_scores)
    assert pu_log_loss(known.labelled, known.scores, known.c, scheme=scheme) == pytest.approx(truth, abs=0.015)


def test_by_hand() -> None:
    """Prior 1/2: half of the positives' loss difference, -1, and the loss as negatives of all, 3/4."""
    labelled = np.array([True, False, False, False])
    if_positive, if_negative = np.zeros(4), np.array([1.0, 1.0, 0.0, 1.0])
    assert pu_risk(labelled, if_positive, if_negative, 0.5) == pytest.approx(0.5 * -1 + 0.75)


def test_with_every_positive_labelled_it_is_the_ordinary_mean() -> None:
    known = single_training_set(n=200)
    found = pu_log_loss(known.population_y, known.scores, 1.0)
    assert found == pytest.approx(log_loss(known.population_y, known.scores))


def test_a_probability_of_0_for_a_labelled_row_costs_much_but_not_everything() -> None:
    assert 1 < pu_log_loss(np.array([True, False]), np.array([0.0, 0.0]), 0.9) < 100


def test_probabilities_must_be_some() -> None:
    with pytest.raises(InputError, match=r"1\.5 in row 0"):
        pu_log_loss(np.array([True, False]), np.array([1.5, 0.1]), 0.9)


def test_it_agrees_with_pulearn_on_two_samples_and_differs_on_one() -> None:
    """Theirs takes the unlabelled rows for the population, which they are in the case-control scheme only."""
    probs = np.random.default_rng(0).random(400)
    labelled = np.arange(400) < 100
    theirs = pulearn.pu_unbiased_risk(labelled.astype(int), probs, 0.3)
    c = 100 / (100 + 0.3 * 300)
    assert pu_log_loss(labelled, probs, c, scheme="case-control") == pytest.approx(theirs)
    known = single_training_set(prior=0.5, c=0.7)
    theirs = pulearn.pu_unbiased_risk(known.labelled.astype(int), known.scores, 0.5)
    assert abs(theirs - log_loss(known.population_y, known.scores)) > 0.1
