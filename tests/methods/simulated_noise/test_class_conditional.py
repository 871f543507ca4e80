"""Random noise matrices have the rate and the sparsity that were asked for, and labels follow them."""

from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.simulated_noise.class_conditional import (
    class_conditional_transition,
    drawn_labels,
    is_informative,
)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.4, 0.7])
@pytest.mark.parametrize("sparsity", [0.0, 0.2, 0.4, 0.6])
@pytest.mark.parametrize("k", [6, 10])
def test_a_matrix_has_the_rate_and_the_sparsity_and_keeps_information(rate: float, sparsity: float, k: int) -> None:
    prior = np.full(k, 1 / k)
    matrix = class_conditional_transition(prior, rate=rate, sparsity=sparsity, rng=np.random.default_rng(0))
    np.testing.assert_allclose(matrix.sum(axis=0), 1)
    assert matrix.min() >= 0
    np.testing.assert_allclose(np.trace(matrix), k * (1 - rate))
    assert is_informative(matrix, prior)
    if rate:
        assert (matrix == 0).sum() == int(sparsity * k * (k - 1))


def test_labels_follow_the_column_of_their_true_class() -> None:
    matrix = np.array([[0.7, 0.0, 0.2], [0.1, 1.0, 0.3], [0.2, 0.0, 0.5]])
    true = np.arange(30_000) % 3
    given = drawn_labels(true, matrix, np.random.default_rng(0))
    counts = np.zeros((3, 3))
    np.add.at(counts, (given, true), 1)
    np.testing.assert_allclose(counts / 10_000, matrix, atol=0.02)  # four standard errors
    np.testing.assert_array_equal(given, drawn_labels(true, matrix, np.random.default_rng(0)))


def test_a_rate_or_sparsity_out_of_range_is_named() -> None:
    with pytest.raises(InputError, match=r"rate must be from 0 to 0\.5, exclusive, because of 2 classes; found 0\.5"):
        class_conditional_transition(np.full(2, 0.5), rate=0.5, rng=np.random.default_rng(0))
    with pytest.raises(InputError, match="sparsity must be from 0 to 1, exclusive; found 1"):
        class_conditional_transition(np.full(3, 1 / 3), rate=0.2, sparsity=1, rng=np.random.default_rng(0))


def test_a_rate_at_which_no_matrix_is_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dechaff.methods.simulated_noise.class_conditional._MOST_DRAWS", 100)
    with pytest.raises(InputError, match="Lower the rate"):
        class_conditional_transition(np.full(10, 0.1), rate=0.89999, rng=np.random.default_rng(0))
