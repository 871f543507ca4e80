import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from dechaff.errors import InputError
from dechaff.methods.pu.weighted_unlabelled import unlabelled_weights, weighted_rows, weights_from_positive_probs
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
