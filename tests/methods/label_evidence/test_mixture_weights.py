from __future__ import annotations

import numpy as np

from dechaff.methods.label_evidence.pooled_probs import held_out_log_likelihood, likelihoods, mixture_weights
from tests.methods.label_evidence.made import made


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
