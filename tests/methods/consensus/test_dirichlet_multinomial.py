from __future__ import annotations

import numpy as np

from dechaff.methods.consensus.dirichlet_multinomial import dirichlet_multinomial


def drawn(concentration: float, n: int = 600, answers: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Votes of two classes; the frequencies of each item are drawn around .8 for its own."""
    rng = np.random.default_rng(0)
    true = rng.integers(2, size=n)
    right = rng.binomial(answers, rng.beta(0.8 * concentration, 0.2 * concentration, size=n))
    votes = np.column_stack([np.where(true == 0, right, answers - right), np.where(true == 0, answers - right, right)])
    return votes.astype(float), true


def test_its_probabilities_are_right_where_annotators_err_on_the_same_items():
    votes, true = drawn(3)
    found = dirichlet_multinomial(votes, votes / votes.sum(axis=1, keepdims=True))
    sure = found.posterior.max(axis=1)
    assert found.concentration <= 8
    assert abs(sure.mean() - (found.posterior.argmax(axis=1) == true).mean()) < 0.04


def test_items_that_are_alike_have_a_large_concentration():
    votes, true = drawn(1000)
    found = dirichlet_multinomial(votes, votes / votes.sum(axis=1, keepdims=True))
    assert found.concentration >= 128
    assert (found.posterior.argmax(axis=1) == true).mean() > 0.99


def test_items_without_a_vote_get_the_frequencies_of_the_classes():
    votes, _ = drawn(10, n=100)
    votes[0] = 0
    found = dirichlet_multinomial(votes, np.full(votes.shape, 0.5) + np.array([[0.01, -0.01]]) * (votes[:, :1] > 10))
    np.testing.assert_allclose(found.posterior[0], found.posterior.mean(axis=0), atol=0.1)
