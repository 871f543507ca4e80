from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.pooled_probs import pool_weights, pooled, pooled_probs
from tests.methods.label_evidence.made import average_precision, doubt, made


def test_two_models_find_more_errors_than_either() -> None:
    data = made()
    found = [
        average_precision(data.wrong, doubt(data.labels, probs))
        for probs in (data.probs, data.better, pooled_probs([data.probs, data.better], data.labels))
    ]
    assert found[2] > max(found[:2])


def test_a_single_model_is_handed_back_itself() -> None:
    data = made()
    assert pooled_probs([data.probs], data.labels) is data.probs


def test_a_model_without_weight_is_left_out_without_a_copy() -> None:
    data = made()
    assert pooled([data.probs, data.better], np.array([0.0, 1.0])) is data.better


def test_the_pool_is_the_weighted_mean() -> None:
    data = made(n=50)
    expected = 0.3 * data.probs + 0.7 * data.better
    np.testing.assert_allclose(pooled([data.probs, data.better], np.array([0.3, 0.7])), expected)


def test_single_precision_stays_single() -> None:
    data = made(n=50)
    runs = [data.probs.astype(np.float32), data.better.astype(np.float32)]
    assert pooled(runs, np.array([0.5, 0.5])).dtype == np.float32


def test_weights_that_do_not_carry_over_to_other_rows_give_way_to_equal_ones() -> None:
    first, second = np.array([[0.9, 0.1]] * 40), np.array([[0.1, 0.9]] * 40)
    labels = np.tile([0, 1], 20)  # each half of the rows would believe one model alone
    assert pool_weights([first, second], labels).tolist() == [0.5, 0.5]
