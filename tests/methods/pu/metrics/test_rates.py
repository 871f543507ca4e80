from collections.abc import Callable

import numpy as np
import pandas as pd
import pulearn.metrics as pulearn
import pytest
from sklearn.metrics import f1_score, log_loss, precision_score, recall_score

import dechaff
from dechaff.errors import InputError
from dechaff.methods.pu.metrics.rates import (
    Rates,
    lee_liu,
    mask,
    population_mean,
    pu_accuracy,
    pu_f1,
    pu_log_loss,
    pu_precision,
    pu_recall,
    pu_risk,
    rates,
    scores_of_rows,
)
from tests.methods.pu.metrics.truth import Known, case_control, single_training_set

LABELLED = np.array([True, True, True, False, False, False, False, False])
PREDICTED = np.array([True, True, False, True, True, False, False, False])
SCORES = np.array([0.9, 0.8, 0.3, 0.7, 0.6, 0.2, 0.1, 0.4])


@pytest.mark.parametrize("values", [[True, False], [1, 0], np.array([1.0, 0.0]), pd.Series([1, 0], index=[7, 9])])
def test_1_and_0_are_true_and_false(values: object) -> None:
    assert mask("labelled", values).tolist() == [True, False]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, -1], "-1 in row 1"),
        (["yes", "no"], "array of <U3"),
        ([1.0, np.nan], "nan in row 1"),
        ([[1], [0]], r"\(2, 1\)"),
    ],
)
def test_other_values_are_refused(values: object, found: str) -> None:
    with pytest.raises(InputError, match=f"predicted must .*{found}"):
        mask("predicted", values)  # type: ignore[arg-type]


def test_both_columns_of_predict_proba_are_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(8, 2\)[\s\S]*column of the positive class"):
        scores_of_rows("scores", np.column_stack([1 - SCORES, SCORES]))


@pytest.mark.parametrize("metric", [dechaff.metrics.pu_f1, dechaff.metrics.pu_precision, dechaff.metrics.pu_accuracy])
@pytest.mark.parametrize("kind", [list, lambda rows: rows.astype(int), pd.Series])
def test_predictions_of_1_and_0_are_judged_as_those_of_true_and_false(
    metric: Callable[..., float], kind: Callable[[np.ndarray], np.ndarray]
) -> None:
    judged = metric(LABELLED, PREDICTED, 0.6)
    assert metric(LABELLED, kind(PREDICTED), 0.6) == metric(kind(LABELLED), PREDICTED, 0.6) == judged


@pytest.mark.parametrize("metric", [dechaff.metrics.lee_liu, dechaff.metrics.pu_recall])
def test_so_are_they_by_metrics_without_c(metric: Callable[..., float]) -> None:
    assert metric(LABELLED, PREDICTED.astype(int)) == metric(LABELLED, PREDICTED)


@pytest.mark.parametrize("metric", [dechaff.metrics.pu_auc, dechaff.metrics.pu_log_loss])
def test_labels_of_1_and_0_and_lists_are_judged_alike(metric: Callable[..., float]) -> None:
    judged = metric(LABELLED, SCORES, 0.6)
    assert metric(LABELLED.astype(int), SCORES, 0.6) == metric(LABELLED.tolist(), SCORES.tolist(), 0.6) == judged


def test_lengths_that_differ_are_told_without_weights_that_nobody_gave() -> None:
    with pytest.raises(InputError, match="labelled and predicted must") as caught:
        dechaff.metrics.pu_recall(LABELLED, PREDICTED[:5])
    assert "weights" not in str(caught.value)


LABELLED_RATES = np.array([True, True, False, False, False])
PREDICTED_RATES = np.array([True, False, True, False, False])


def test_the_population_is_all_rows_of_one_sample() -> None:
    assert rates(LABELLED_RATES, PREDICTED_RATES, 0.8) == Rates(recall=0.5, predicted=0.4, prior=0.5)


def test_the_population_is_the_unlabelled_rows_in_the_case_control_scheme() -> None:
    found = rates(LABELLED_RATES, PREDICTED_RATES, 0.8, scheme="case-control")
    assert (found.recall, found.predicted) == (0.5, pytest.approx(1 / 3))
    assert found.prior == pytest.approx(0.5 / 3)


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    twice = np.array([0, 1, 1, 2, 2, 3, 4])
    weights = np.array([1.0, 2.0, 2.0, 1.0, 1.0])
    assert rates(LABELLED_RATES, PREDICTED_RATES, 0.8, weights=weights) == rates(
        LABELLED_RATES[twice], PREDICTED_RATES[twice], 0.8
    )


def test_the_mean_over_the_population() -> None:
    assert population_mean(PREDICTED_RATES, LABELLED_RATES, np.ones(5), "single-training-set") == pytest.approx(0.4)
    assert population_mean(PREDICTED_RATES, LABELLED_RATES, np.ones(5), "case-control") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("labelled", "predicted", "weights", "names"),
    [
        (LABELLED_RATES, PREDICTED_RATES[:4], None, "predicted"),
        (np.ones(5, dtype=bool), PREDICTED_RATES, None, "of both kinds"),
        (np.zeros(5, dtype=bool), PREDICTED_RATES, None, "of both kinds"),
        (LABELLED_RATES.astype(int) + 1, PREDICTED_RATES, None, "True and False"),
        (LABELLED_RATES, PREDICTED_RATES, np.array([0.0, 0, 1, 1, 1]), "of both kinds"),
    ],
)
def test_what_cannot_be_used_is_refused(
    labelled: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, names: str
) -> None:
    with pytest.raises(InputError, match=names):
        rates(labelled, predicted, 0.8, weights=weights)


def test_c_and_the_scheme_are_checked() -> None:
    with pytest.raises(InputError, match="c must"):
        rates(LABELLED_RATES, PREDICTED_RATES, 0.0)
    with pytest.raises(InputError, match="scheme must"):
        rates(LABELLED_RATES, PREDICTED_RATES, 0.5, scheme="both")  # type: ignore[arg-type]


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


def test_precision_by_hand() -> None:
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


def test_f1_is_0_if_nothing_is_predicted_positive() -> None:
    assert pu_f1(np.array([True, False]), np.array([False, False]), 0.5) == 0.0


def test_f1_agrees_with_pulearn_in_one_sample() -> None:
    known = single_training_set(n=500)
    prior = known.labelled.mean() / known.c
    expected = pulearn.pu_f1_score(known.labelled.astype(int), known.predicted.astype(int), prior)
    assert pu_f1(known.labelled, known.predicted, known.c) == pytest.approx(expected)


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


def test_lee_liu_by_hand() -> None:
    """Half of the labelled rows found, two of five rows called positive: 0.25 / 0.4."""
    labelled, predicted = np.array([True, True, False, False, False]), np.array([True, False, True, False, False])
    assert lee_liu(labelled, predicted) == pytest.approx(0.625)


def test_it_is_precision_times_recall_by_the_prior() -> None:
    known = single_training_set()
    truth = precision_score(known.population_y, known.predicted) * recall_score(known.population_y, known.predicted)
    assert lee_liu(known.labelled, known.predicted) == pytest.approx(truth / known.population_y.mean(), rel=0.02)


def test_lee_liu_is_0_if_nothing_is_predicted_positive() -> None:
    assert lee_liu(np.array([True, False]), np.array([False, False])) == 0.0


def test_lee_liu_agrees_with_pulearn() -> None:
    known = single_training_set(n=500)
    expected = pulearn.lee_liu_score(known.labelled.astype(int), known.predicted.astype(int))
    assert lee_liu(known.labelled, known.predicted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("known", "scheme"), [(single_training_set(), "single-training-set"), (case_control(), "case-control")]
)
def test_it_is_the_true_log_loss(known: Known, scheme: str) -> None:
    truth = log_loss(known.population_y, known.population_scores)
    assert pu_log_loss(known.labelled, known.scores, known.c, scheme=scheme) == pytest.approx(truth, abs=0.015)


def test_risk_by_hand() -> None:
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
