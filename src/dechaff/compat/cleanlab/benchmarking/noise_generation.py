"""cleanlab's ``noise_generation``: random noise matrices of a given trace, and labels made wrong by them.

The draws are dechaff's own. Those that cleanlab seeds by an argument are seeded by it here; the others, as there,
follow ``np.random.seed``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels
from dechaff.errors import InputError
from dechaff.methods.simulated_noise.class_conditional import (
    bounded_counts,
    bounded_shares,
    is_informative,
    random_transition,
)
from dechaff.typing import ClassMatrix, Labels

_SLACK = 1e-6


def noise_matrix_is_valid(noise_matrix: Any, py: Any, *, verbose: bool = False) -> bool:
    """Whether labels with this noise are informative: each p(given = k, true = k) above p(given = k) p(true = k)."""
    k = len(noise_matrix)
    if np.shape(noise_matrix) != (k, k) or np.shape(py) != (k,):
        found = f"shapes {np.shape(noise_matrix)} and {np.shape(py)}"
        fix = "Pass one column and one fraction for each true class."
        raise InputError("noise_matrix and py", "be (k, k) and (k,)", found, fix)
    matrix, prior = np.asarray(noise_matrix), np.asarray(py)
    return abs(float((matrix * prior).sum()) - 1) < _SLACK and is_informative(matrix, prior)


def generate_noisy_labels(true_labels: Any, noise_matrix: Any) -> Labels:
    """The labels (n,) with exactly the expected number of them made wrong: ``floor(T[i, j] · rows of class j)``."""
    noise = np.asarray(noise_matrix, dtype=np.float64)
    true = check_labels(np.asarray(true_labels), len(noise), name="true_labels")
    # 0.3 times 10 is 2.9999999999999996, and three rows.
    flips = np.floor(noise * np.bincount(true, minlength=len(noise)) + _SLACK).astype(np.int64)
    np.fill_diagonal(flips, 0)
    labels, random = true.copy(), _random_after_numpys_seed()
    for code, of_class in enumerate(flips.T):
        rows = random.permutation(np.flatnonzero(true == code))[: of_class.sum()]
        labels[rows] = np.repeat(np.arange(len(noise)), of_class)
    return labels


def generate_noise_matrix_from_trace(
    K: int,
    trace: float,
    *,
    max_trace_prob: float = 1.0,
    min_trace_prob: float = 1e-05,
    max_noise_rate: float = 1 - 1e-05,
    min_noise_rate: float = 0.0,
    valid_noise_matrix: bool = True,
    py: Any = None,
    frac_zero_noise_rates: float = 0.0,
    seed: int = 0,
    max_iter: int = 10000,
) -> ClassMatrix | None:
    """A random matrix (k, k) of p(given = row | true = column) with this trace; None if none was found.

    With `valid_noise_matrix`, one that `noise_matrix_is_valid` accepts for the class fractions `py`.
    """
    _check_trace(K, trace, valid_noise_matrix, py)
    random = np.random.default_rng(seed)
    for _ in range(max_iter):
        diagonal = bounded_shares(K, trace, min_trace_prob, max_trace_prob, random)
        if K == 2 and frac_zero_noise_rates >= 0.5:  # one of two rates is zero, so that the other is known
            diagonal = random.permutation([1.0, trace - 1.0])
        matrix = random_transition(diagonal, (min_noise_rate, max_noise_rate), frac_zero_noise_rates, random)
        if not valid_noise_matrix or K == 2 or noise_matrix_is_valid(matrix, py):
            return matrix
    return None


def _check_trace(k: int, trace: float, valid: bool, py: Any) -> None:
    if k < 2:
        raise InputError("K", "be at least 2", str(k), "Noise takes two classes.")
    if valid and trace <= 1:
        fix = "Raise the trace, or set valid_noise_matrix=False."
        raise InputError(
            "trace", "be above 1, because with a trace of 1 or less the labels carry no information", f"{trace:g}", fix
        )
    if valid and py is None and k > 2:
        fix = "Pass the class fractions, or set valid_noise_matrix=False."
        raise InputError("py", "have the fraction of each class, which a valid noise matrix depends on", "None", fix)


def generate_n_rand_probabilities_that_sum_to_m(
    n: int, m: float, *, max_prob: float = 1.0, min_prob: float = 0.0
) -> npt.NDArray[np.float64]:
    """(n,) random probabilities within bounds that add up to m."""
    return bounded_shares(n, m, min_prob, max_prob, _random_after_numpys_seed())


def randomly_distribute_N_balls_into_K_bins(
    N: int,
    K: int,
    *,
    max_balls_per_bin: int | None = None,
    min_balls_per_bin: int | None = None,
) -> npt.NDArray[np.int64]:
    """(K,) random counts within bounds that add up to N, or to as many as fit into the bins."""
    if K < 1:
        raise InputError("K", "be at least 1", str(K), "Name the number of bins.")
    most = N if max_balls_per_bin is None else min(max_balls_per_bin, N)
    least = min(min_balls_per_bin or 0, N / K)
    return bounded_counts(min(N, most * K), K, least, most, _random_after_numpys_seed())


def _random_after_numpys_seed() -> np.random.Generator:
    """A generator that ``np.random.seed`` decides, as it does in scripts written for cleanlab."""
    return np.random.default_rng(np.random.randint(2**31 - 1))
