from collections import Counter

import numpy as np
import pytest
from scipy import sparse

from dechaff.errors import InputError
from dechaff.models.teaching.visits import row_reader, visits_by_content, visits_in_order

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
