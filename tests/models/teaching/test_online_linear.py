import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from dechaff.errors import InputError
from dechaff.models.teaching.online_linear import row_reader, visits_by_content, visits_in_order
from dechaff.models.teaching.perceptron import Perceptron
from dechaff.models.teaching.sgd_linear import SGDLinearClassifier

MODELS = [Perceptron(random_state=0), Perceptron(average=True, random_state=0), SGDLinearClassifier(random_state=0)]
each_model = pytest.mark.parametrize("model", MODELS, ids=repr)


def three_clouds(n=90):
    random = np.random.default_rng(0)
    classes = np.array(["a", "b", "c"])[np.arange(n) % 3]
    centres = np.array([[0, 0, 1.0], [2, 0, 0.0], [0, 2, -1.0]])[np.arange(n) % 3]
    return np.where(random.random((n, 3)) < 0.3, 0.0, centres + random.normal(size=(n, 3))), classes


@each_model
def test_rows_in_another_order_give_the_same_weights(model):
    features, classes = three_clouds()
    order = np.random.default_rng(1).permutation(len(classes))
    one, other = model.fit(features, classes).coef_, model.fit(features[order], classes[order]).coef_
    np.testing.assert_array_equal(one, other)


@each_model
def test_sparse_rows_give_the_weights_of_dense_ones(model):
    features, classes = three_clouds()
    dense, scores = model.fit(features, classes).coef_, model.decision_function(features)
    for form in (sparse.csr_matrix, sparse.coo_array):
        np.testing.assert_allclose(model.fit(form(features), classes).coef_, dense)
        np.testing.assert_allclose(model.decision_function(form(features)), scores)


@each_model
def test_cells_of_a_sparse_matrix_that_come_in_two_parts_are_added_up(model):
    features, classes = three_clouds()
    whole = sparse.csr_matrix(features)
    halves = sparse.csr_matrix((whole.data.repeat(2) / 2, whole.indices.repeat(2), 2 * whole.indptr), whole.shape)
    np.testing.assert_array_equal(model.fit(whole, classes).coef_, model.fit(halves, classes).coef_)
    assert not halves.has_canonical_format  # the argument is left as it was


@each_model
def test_the_seed_decides(model):
    features, classes = three_clouds()
    fitted = [model.set_params(random_state=seed).fit(features, classes).coef_ for seed in (0, 0, 1)]
    model.set_params(random_state=0)
    np.testing.assert_array_equal(fitted[0], fitted[1])
    assert (fitted[0] != fitted[2]).any()


@each_model
def test_a_fitted_model_travels_and_goes_on_learning(model):
    features, classes = three_clouds()
    copy = pickle.loads(pickle.dumps(model.fit(features, classes)))
    np.testing.assert_array_equal(copy.predict(features), model.predict(features))
    np.testing.assert_array_equal(copy.partial_fit(features, classes).coef_, model.partial_fit(features, classes).coef_)


@each_model
def test_a_row_of_weight_zero_is_not_there(model):
    features, classes = three_clouds()
    weights = (classes != "c").astype(float)
    assert model.fit(features, classes, sample_weight=weights).classes_.tolist() == ["a", "b"]
    assert model.coef_.shape == (1, 3)


@each_model
def test_a_row_without_numbers_above_zero_is_learnt_from(model):
    features = np.zeros((4, 2))
    model.fit(sparse.csr_matrix(features), [0, 1, 1, 1])
    assert model.predict(features).tolist() == [1] * 4


@each_model
def test_names_of_columns_are_kept(model):
    features, classes = three_clouds()
    frame = pd.DataFrame(features, columns=["x", "y", "z"])
    assert model.fit(frame, classes).feature_names_in_.tolist() == ["x", "y", "z"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"x": "w"}))


@each_model
def test_one_class_is_refused(model):
    with pytest.raises(InputError, match=r"at least two classes .*; found 1 class, \['a'\]"):
        model.fit([[0.0], [1.0]], ["a", "a"])


def test_the_first_call_of_partial_fit_must_name_the_classes():
    with pytest.raises(InputError, match="classes must be given in the first call"):
        Perceptron().partial_fit([[0.0], [1.0]], [0, 1])


def test_a_class_that_was_not_named_is_refused():
    model = Perceptron().partial_fit([[0.0]], [1], classes=[0, 1])
    with pytest.raises(InputError, match=r"y must have only the classes of the first call, \[0, 1\]"):
        model.partial_fit([[0.0]], [2])


def test_no_pass_is_refused():
    with pytest.raises(InputError, match="max_iter must be 1 or more passes; found 0"):
        Perceptron(max_iter=0).fit([[0.0], [1.0]], [0, 1])


def test_online_a_heavy_row_takes_a_long_step():
    model = Perceptron().partial_fit([[1.0]], [1], classes=[0, 1], sample_weight=[2.5])
    assert model.coef_.tolist() == [[2.5]]


FEATURES = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 0.0]])
CODES = np.array([0, 1, 0, 1])


def seen(features, codes, weights):
    visits = visits_by_content(features, codes, np.asarray(weights, dtype=float))
    held = features.toarray() if sparse.issparse(features) else features
    return [(*held[row], codes[row], share) for row, share in zip(visits.rows, visits.steps, strict=True)]


def test_in_order_each_row_comes_once_with_its_weight():
    visits = visits_in_order(np.array([2.0, 0.0, 0.5]))
    assert visits.rows.tolist() == [0, 2]
    assert visits.steps.tolist() == [2.0, 0.5]


def test_equal_rows_of_one_class_share_their_visits():
    # Rows 0 and 2 are the same: 1 + 1.5 = 2.5, three visits of 5/6. Row 3 is of another class.
    visits = visits_by_content(FEATURES, CODES, np.array([1.0, 1.0, 1.5, 0.25]))
    counted = Counter(zip(visits.rows.tolist(), visits.steps.round(6).tolist(), strict=True))
    assert counted == {(0, 0.833333): 3, (1, 1.0): 1, (3, 0.25): 1}


def test_the_order_of_the_rows_does_not_matter():
    order = np.array([2, 3, 1, 0])
    assert seen(FEATURES, CODES, [1] * 4) == seen(FEATURES[order], CODES[order], [1] * 4)


def test_a_weight_of_three_is_the_row_three_times():
    times = np.array([3, 1, 0, 2])
    repeated = seen(FEATURES.repeat(times, axis=0), CODES.repeat(times), np.ones(6))
    assert seen(FEATURES, CODES, times) == repeated


def test_dense_and_sparse_rows_come_in_the_same_order():
    dense = np.array([[0.0, -0.0, 3.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    sparse_rows = sparse.csr_matrix(dense)
    codes, weights = np.array([0, 1, 1]), np.ones(3)
    np.testing.assert_array_equal(
        visits_by_content(dense, codes, weights).rows, visits_by_content(sparse_rows, codes, weights).rows
    )


def test_sums_that_rounding_moves_make_no_visit_more():
    features, codes = np.ones((3, 1)), np.zeros(3, int)
    assert len(visits_by_content(features, codes, np.array([0.7, 0.2, 0.1])).rows) == 1


def test_a_tiny_weight_is_still_a_visit():
    visits = visits_by_content(np.ones((1, 1)), np.zeros(1, int), np.array([1e-12]))
    assert len(visits.rows) == 1


def test_weights_without_measure_are_refused():
    with pytest.raises(InputError, match="Divide the weights by their mean"):
        visits_by_content(FEATURES, CODES, np.full(4, 1e9))


def test_shuffling_keeps_rows_and_shares_together():
    visits = visits_in_order(np.arange(1.0, 9.0)).shuffled(np.random.RandomState(0))
    assert sorted(visits.rows) == list(range(8))
    np.testing.assert_array_equal(visits.steps, visits.rows + 1)


def test_a_row_of_a_sparse_matrix_is_read_as_columns_and_values():
    columns, values = row_reader(sparse.csr_matrix(FEATURES))(1)
    assert (columns.tolist(), values.tolist()) == ([1], [2.0])
