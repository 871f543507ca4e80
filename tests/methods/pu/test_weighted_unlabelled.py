import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from dechaff.errors import InputError
from dechaff.methods.pu.weighted_unlabelled import (
    matched_weights,
    unlabelled_weights,
    weighted_rows,
    weights_from_positive_probs,
)
from tests.methods.pu.population import two_gaussians


@given(st.floats(0, 1), st.floats(1e-3, 1))
def test_a_weight_is_a_probability(g: float, c: float) -> None:
    weight = unlabelled_weights(np.array([g]), c)[0]
    assert 0 <= weight <= 1


@given(st.floats(0, 1), st.floats(1e-3, 0.999))
def test_both_formulas_agree_where_g_is_c_times_f(f: float, c: float) -> None:
    from_g = unlabelled_weights(np.array([c * f]), c)[0]
    assert weights_from_positive_probs(np.array([f]), c)[0] == pytest.approx(from_g, abs=1e-9)


def test_nothing_unlabelled_is_positive_where_every_positive_is_labelled() -> None:
    assert unlabelled_weights(np.array([0.0, 0.5, 1.0]), 1.0).tolist() == [0, 0, 0]
    assert weights_from_positive_probs(np.array([0.0, 0.5, 1.0]), 1.0).tolist() == [0, 0, 0]


def test_the_weights_of_the_unlabelled_add_up_to_the_positives_among_them() -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=20_000)
    weights = unlabelled_weights(people.label_probs, 0.4)[~people.labelled]
    assert weights.sum() == pytest.approx(people.y[~people.labelled].sum(), rel=0.03)


def test_unlabelled_rows_stand_twice_and_weights_of_0_nowhere() -> None:
    made = weighted_rows(np.array([True, False, False, False]), np.array([0.0, 1.0, 0.0, 0.3]))
    assert made.rows.tolist() == [0, 1, 3, 2, 3]
    assert made.targets.tolist() == [1, 1, 1, 0, 0]
    assert made.row_weights.tolist() == [1, 1, 0.3, 1, 0.7]


def test_a_model_of_the_weighted_rows_is_a_model_of_the_truth() -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=20_000)
    made = weighted_rows(people.labelled, unlabelled_weights(people.label_probs, 0.4))
    model = LogisticRegression().fit(people.x[made.rows, None], made.targets, sample_weight=made.row_weights)
    assert np.abs(model.predict_proba(people.x[:, None])[:, 1] - people.positive_probs).mean() < 0.01


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="c must be above 0"):
        unlabelled_weights(np.array([0.1]), 0.0)
    with pytest.raises(InputError, match="c must be above 0"):
        weights_from_positive_probs(np.array([0.1]), 2.0)
    with pytest.raises(InputError, match="same number of rows"):
        weighted_rows(np.array([True]), np.array([0.1, 0.2]))
    with pytest.raises(InputError, match=r"weights must be from 0 to 1 .* found nan in row 1"):
        weighted_rows(np.array([True, False]), np.array([np.nan, np.nan]))


@pytest.mark.parametrize("power", [0.3, 1.0, 3.0])
def test_matched_weights_add_up_to_what_c_says_however_extreme_the_scores_are(power: float) -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=5_000)
    odds = (people.label_probs / (1 - people.label_probs)) ** power
    weights = matched_weights(odds / (1 + odds), people.labelled, 0.4)[~people.labelled]
    assert weights.sum() == pytest.approx(1.5 * people.labelled.sum())


def test_matched_weights_are_those_of_the_formula_where_g_is_calibrated() -> None:
    people = two_gaussians(distance=2.0, prior=0.3, c=0.4, n=20_000)
    by_formula = unlabelled_weights(people.label_probs, 0.4)
    assert matched_weights(people.label_probs, people.labelled, 0.4) == pytest.approx(by_formula, abs=0.05)


def test_matched_weights_count_a_row_as_often_as_it_stands() -> None:
    g, labelled = np.array([0.5, 0.4, 0.3, 0.1]), np.array([True, False, False, False])
    counts = np.array([2, 1, 3, 2])
    repeated = matched_weights(np.repeat(g, counts), np.repeat(labelled, counts), 0.6)
    weighted = matched_weights(g, labelled, 0.6, weights=counts.astype(float))
    assert np.repeat(weighted, counts) == pytest.approx(repeated)


def test_matched_weights_at_their_ends() -> None:
    g, labelled = np.array([0.5, 0.0, 1.0]), np.array([True, False, False])
    assert matched_weights(g, labelled, 1.0).tolist() == [0, 0, 0]
    assert matched_weights(g, labelled, 0.01).tolist() == [1, 1, 1]
    with pytest.raises(InputError, match="c must be above 0"):
        matched_weights(g, labelled, 0.0)
