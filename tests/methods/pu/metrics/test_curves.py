import numpy as np
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.curves import pu_auc, pu_precision_recall_curve, pu_roc_curve, threshold_counts
from dechaff.methods.pu.metrics.rates import pu_precision, pu_recall
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set


def test_counts_grow_from_the_highest_score_to_the_lowest() -> None:
    found = threshold_counts(np.array([True, False, True, False]), np.array([3.0, 1.0, 1.0, 2.0]), None)
    assert found.thresholds.tolist() == [3, 2, 1]
    assert found.labelled.tolist() == [1, 1, 2]
    assert found.unlabelled.tolist() == [0, 1, 2]
    assert (found.n_labelled, found.n_unlabelled) == (2, 2)


def test_each_row_is_above_its_own_threshold_as_a_plain_count_says() -> None:
    random = np.random.default_rng(0)
    scores, labelled = random.integers(0, 9, 100).astype(float), random.random(100) < 0.4
    found = threshold_counts(labelled, scores, None)
    for threshold, count in zip(found.thresholds, found.labelled, strict=True):
        assert count == (scores[labelled] >= threshold).sum()


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
