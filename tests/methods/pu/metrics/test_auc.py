import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import roc_auc_score

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.auc import pu_auc
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


def test_by_hand() -> None:
    """Against unlabelled rows 2.5 of 3 pairs are won; a third of these is positive: (5/6 - 1/6) / (2/3) = 1."""
    assert pu_auc(np.array([True, False, False, False]), np.array([0.8, 0.8, 0.2, 0.1]), 0.5) == pytest.approx(1.0)


@pytest.mark.parametrize("known", [single_training_set(c=0.7), single_training_set(c=0.2), case_control()])
def test_it_is_the_true_auc_in_both_schemes(known: Known) -> None:
    truth = roc_auc_score(known.population_y, known.population_scores)
    assert pu_auc(known.labelled, known.scores, known.c) == pytest.approx(truth, abs=0.01)


def test_with_c_of_1_it_is_the_area_under_the_curve_ties_counting_half() -> None:
    known = single_training_set(n=300)
    scores = np.round(known.scores, 1)
    assert pu_auc(known.labelled, scores, 1.0) == pytest.approx(roc_auc_score(known.labelled, scores))


def test_weights_count_rows() -> None:
    known = single_training_set(n=300)
    weights = np.random.default_rng(0).integers(0, 4, 300)
    again = np.repeat(np.arange(300), weights)
    found = pu_auc(known.labelled, known.scores, known.c, weights=weights.astype(float))
    assert found == pytest.approx(pu_auc(known.labelled[again], known.scores[again], known.c))


def test_pulearn_corrects_one_sample_by_the_wrong_share() -> None:
    """It takes the class prior, 0.5, where the unlabelled rows hold 0.23 positives: right for case-control only."""
    known = single_training_set(prior=0.5, c=0.7)
    truth = roc_auc_score(known.population_y, known.scores)
    with pytest.warns(UserWarning, match="outside"):
        theirs = pulearn.pu_roc_auc_score(known.labelled.astype(int), known.scores, known.population_y.mean())
    assert theirs > 1.03 > truth
    assert pu_auc(known.labelled, known.scores, known.c) == pytest.approx(truth, abs=0.01)
    other = case_control()
    theirs = pulearn.pu_roc_auc_score(other.labelled.astype(int), other.scores, other.population_y.mean())
    assert pu_auc(other.labelled, other.scores, other.c) == pytest.approx(theirs)


def test_scores_must_be_there_and_negatives_too() -> None:
    labelled = np.array([True, False, False])
    with pytest.raises(InputError, match="nan in row 1"):
        pu_auc(labelled, np.array([0.1, np.nan, 0.3]), 0.5)
    with pytest.raises(InputError, match="leave some unlabelled rows negative"):
        pu_auc(labelled, np.array([0.1, 0.2, 0.3]), 0.1)
