from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.pooled_probs import (
    held_out_log_likelihood,
    likelihoods,
    mixture_weights,
    pool_weights,
    pooled,
)
from tests.methods.label_evidence.made import average_precision, doubt, made


def test_two_models_find_more_errors_than_either() -> None:
    data = made()
    both = [data.probs, data.better]
    found = [
        average_precision(data.wrong, doubt(data.labels, probs))
        for probs in (data.probs, data.better, pooled(both, pool_weights(both, data.labels)))
    ]
    assert found[2] > max(found[:2])


def test_a_single_model_is_handed_back_itself() -> None:
    data = made()
    assert pooled([data.probs], pool_weights([data.probs], data.labels)) is data.probs


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


def test_the_likelihood_is_greatest_at_the_weights() -> None:
    data = made()
    likelihood = likelihoods([data.probs, data.better], data.labels)

    def mean_log(share: float) -> float:
        return float(np.log(likelihood @ np.array([share, 1 - share])).mean())

    grid = np.linspace(0, 1, 1001)
    best = grid[np.argmax([mean_log(share) for share in grid])]
    np.testing.assert_allclose(mixture_weights([data.probs, data.better], data.labels)[0], best, atol=0.01)


def test_a_model_that_guesses_gets_no_weight() -> None:
    data = made()
    guess = np.full_like(data.probs, 0.25)
    assert mixture_weights([data.better, guess], data.labels)[1] < 0.1


def test_the_order_of_the_models_moves_the_weights_along() -> None:
    data = made()
    weights = mixture_weights([data.probs, data.better], data.labels)
    turned = mixture_weights([data.better, data.probs], data.labels)
    np.testing.assert_allclose(weights, turned[::-1])


def test_a_probability_of_nought_for_a_label_is_no_end_of_the_world() -> None:
    labels = np.array([0, 1])
    assert np.isfinite(mixture_weights([np.eye(2)[::-1], np.eye(2)], labels)).all()


def test_held_out_rows_do_not_choose_their_own_weights() -> None:
    likelihood = np.array([[1.0, 1e-3], [1e-3, 1.0]] * 50)  # even rows want the first source, odd rows the second
    held_out = held_out_log_likelihood(likelihood)
    assert held_out.mean() < np.log(likelihood @ np.array([0.5, 0.5])).mean()


def test_no_rows_leave_the_weights_equal() -> None:
    assert mixture_weights([np.empty((0, 2))] * 2, np.empty(0, dtype=np.int64)).tolist() == [0.5, 0.5]
