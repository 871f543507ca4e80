import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from dechaff.errors import InputError
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
