from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.compat.cleanlab.benchmarking import noise_generation as noise
from dechaff.errors import InputError
from tests.compat.cleanlab.rows import quietly, same_cases, theirs

their = theirs.benchmarking.noise_generation


@same_cases
@given(
    st.integers(3, 8), st.sampled_from([0.5, 0.7, 0.95]), st.sampled_from([0.0, 0.4, 0.8]), st.integers(0, 2**32 - 1)
)
def test_a_matrix_has_its_trace_its_zeros_and_columns_that_sum_to_one(k: int, mean: float, zeros: float, seed: int):
    shares = np.random.default_rng(seed).dirichlet(np.full(k, 20.0))
    trace = max(mean * k, 1.1)
    matrix = noise.generate_noise_matrix_from_trace(k, trace, py=shares, frac_zero_noise_rates=zeros, seed=seed)
    if matrix is None:
        return
    assert np.trace(matrix) == pytest.approx(trace)
    np.testing.assert_allclose(matrix.sum(axis=0), 1.0)
    assert matrix.min() >= 0
    assert (matrix == 0).sum() >= min(int(k * (k - 1) * zeros), k * (k - 2))
    assert noise.noise_matrix_is_valid(matrix, shares)
    assert their.noise_matrix_is_valid(matrix, shares)


@pytest.mark.parametrize("zeros", [0.0, 0.5])
def test_two_classes_can_have_one_error_that_never_happens(zeros: float) -> None:
    matrix = noise.generate_noise_matrix_from_trace(2, 1.5, frac_zero_noise_rates=zeros, seed=4)
    assert np.trace(matrix) == pytest.approx(1.5)
    assert (1.0 in np.diagonal(matrix)) == (zeros == 0.5)


@same_cases
@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_as_many_labels_are_made_wrong_as_by_cleanlab(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = np.concatenate([np.arange(k), rng.integers(0, k, 200)])
    matrix = noise.generate_noise_matrix_from_trace(k, 0.7 * k, valid_noise_matrix=False, seed=seed)
    ours, other = noise.generate_noisy_labels(true, matrix), quietly(their.generate_noisy_labels, true, matrix)
    assert np.abs(joint(true, ours, k) - joint(true, other, k)).max() <= 1  # 3 · .1 · 10 is 2.9999999999999996 there


def joint(true: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    return np.bincount(labels * k + true, minlength=k * k).reshape(k, k)


@same_cases
@given(st.integers(1, 9), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_probabilities_keep_their_sum_and_bounds(n: int, where: float, seed: int) -> None:
    low, high = 0.05, 0.6
    total = n * low + where * n * (high - low)
    np.random.seed(seed)
    found = noise.generate_n_rand_probabilities_that_sum_to_m(n, total, max_prob=high, min_prob=low)
    assert found.sum() == pytest.approx(total)
    assert found.min() >= low - 1e-12
    assert found.max() <= high + 1e-12


@same_cases
@given(st.integers(0, 60), st.integers(1, 7), st.integers(0, 12))
def test_balls_are_all_dealt_as_far_as_the_bins_hold(balls: int, bins: int, most: int) -> None:
    found = noise.randomly_distribute_N_balls_into_K_bins(balls, bins, max_balls_per_bin=most)
    assert found.sum() == min(balls, min(most, balls) * bins)
    assert found.max(initial=0) <= most


def test_numpys_seed_decides_what_has_no_seed_of_its_own() -> None:
    true, matrix = np.repeat([0, 1], 50), np.array([[0.8, 0.3], [0.2, 0.7]])
    drawn = []
    for seed in (3, 3, 4):
        np.random.seed(seed)
        drawn.append(noise.generate_noisy_labels(true, matrix))
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()


def test_a_seed_of_its_own_leaves_numpys_alone() -> None:
    np.random.seed(3)
    before = np.random.random()
    np.random.seed(3)
    noise.generate_noise_matrix_from_trace(3, 2.4, py=np.full(3, 1 / 3), seed=8)
    assert np.random.random() == before


def test_what_cannot_be_is_refused_with_a_reason() -> None:
    with pytest.raises(InputError, match="trace must be above 1"):
        noise.generate_noise_matrix_from_trace(3, 0.9, py=np.full(3, 1 / 3))
    with pytest.raises(InputError, match="py must have the fraction"):
        noise.generate_noise_matrix_from_trace(3, 2.0)
    with pytest.raises(InputError, match="K must be at least 2"):
        noise.generate_noise_matrix_from_trace(1, 1.0)
    with pytest.raises(InputError, match="the sum of the probabilities must lie from 0 to 1"):
        noise.generate_n_rand_probabilities_that_sum_to_m(2, 1.5, max_prob=0.5)
    assert noise.generate_noise_matrix_from_trace(3, 1.2, py=[0.98, 0.01, 0.01], max_iter=3) is None


def test_shapes_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InputError, match=r"must be \(k, k\) and \(k,\); found shapes \(3, 3\) and \(2,\)"):
        noise.noise_matrix_is_valid(np.eye(3), [0.5, 0.5])
    with pytest.raises(InputError, match="K must be at least 1; found 0"):
        noise.randomly_distribute_N_balls_into_K_bins(3, 0)
