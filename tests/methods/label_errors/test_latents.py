from __future__ import annotations

import numpy as np
import pytest

from dechaff.errors import InputError
from dechaff.methods.label_errors.latents import (
    LEAST_PRIOR,
    Latents,
    converged_latents,
    inverse_noise_matrix,
    noise_matrix,
    prior_by_inversion,
    prior_from_diagonals,
    prior_from_given,
    prior_from_joint,
)


def joint(seed: int, k: int = 4) -> np.ndarray:
    """A distribution of given and true labels, most of them right."""
    made = np.random.default_rng(seed).random((k, k)) + 5 * np.eye(k)
    return made / made.sum()


@pytest.mark.parametrize("seed", range(5))
def test_a_true_joint_gives_the_same_prior_in_all_four_ways(seed: int) -> None:
    true = joint(seed)
    shares, noise, inverse = true.sum(axis=1), noise_matrix(true), inverse_noise_matrix(true)
    expected = true.sum(axis=0)
    np.testing.assert_allclose(prior_from_joint(true), expected)
    np.testing.assert_allclose(prior_from_diagonals(shares, noise, inverse), expected)
    np.testing.assert_allclose(prior_by_inversion(shares, noise), expected)
    np.testing.assert_allclose(prior_from_given(shares, inverse), expected)


@pytest.mark.parametrize("seed", range(5))
def test_latents_of_a_true_joint_have_converged(seed: int) -> None:
    true = joint(seed)
    start = Latents(true.sum(axis=0), noise_matrix(true), inverse_noise_matrix(true))
    found = converged_latents(start, true.sum(axis=1))
    for name in ("prior", "noise", "inverse_noise"):
        np.testing.assert_allclose(getattr(found, name), getattr(start, name))


def test_a_class_without_rows_keeps_its_label_and_all_columns_sum_to_one() -> None:
    seen = np.array([[5, 1, 0], [1, 4, 0], [0, 0, 0]])
    for matrix in (noise_matrix(seen), inverse_noise_matrix(seen)):
        np.testing.assert_allclose(matrix.sum(axis=0), 1.0)
        assert matrix[2, 2] == 1.0


def test_a_class_none_of_whose_labels_is_right_gets_the_least_share() -> None:
    wrong = np.array([[8, 2], [3, 0]])
    shares = wrong.sum(axis=1) / wrong.sum()
    prior = prior_from_diagonals(shares, noise_matrix(wrong), inverse_noise_matrix(wrong))
    assert 0 < prior[1] < 10 * LEAST_PRIOR


def test_an_inversion_that_goes_below_zero_is_cut() -> None:
    prior = prior_by_inversion(np.array([0.95, 0.05]), np.array([[0.8, 0.2], [0.2, 0.8]]))
    np.testing.assert_allclose(prior, [1 - LEAST_PRIOR, LEAST_PRIOR], rtol=1e-5)


def test_a_matrix_without_an_inverse_is_an_error_that_names_another_way() -> None:
    with pytest.raises(InputError, match=r"noise must have an inverse.*\n.*prior_from_diagonals"):
        prior_by_inversion(np.array([0.5, 0.5]), np.full((2, 2), 0.5))
    # The third class is labelled as the other two together; elimination leaves rounding there, and divides by it.
    hidden = np.array([[7.0, 6.0, 19.0], [3.0, 3.0, 9.0], [1.0, 1.0, 3.0]])
    hidden /= hidden.sum(axis=0)
    assert np.isfinite(np.linalg.solve(hidden, [0.4, 0.3, 0.3])).all()
    with pytest.raises(InputError, match="noise must have an inverse"):
        prior_by_inversion(np.array([0.4, 0.3, 0.3]), hidden)
