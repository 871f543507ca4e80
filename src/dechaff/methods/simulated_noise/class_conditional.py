"""Noise by class: random noise matrices of a rate and a sparsity, and labels drawn by them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.typing import ClassMatrix, ClassVector, Labels


def class_conditional_transition(
    prior: ClassVector, *, rate: float, sparsity: float = 0.0, rng: np.random.Generator
) -> ClassMatrix:
    """A random matrix (k, k) of p(given = row | true = column), whose labels still carry information.

    Parameters
    ----------
    prior : (k,) float, sums to 1
        Fractions of the true classes.
    rate : float from 0 to 1 - 1/k, exclusive
        One minus the mean of the diagonal: the fraction of wrong labels, if classes are of equal size.
    sparsity : float from 0 to 1, exclusive
        Fraction of the other entries that are zero.
    rng : Generator
        Decides the matrix.

    Raises
    ------
    InputError
        If rate or sparsity is out of range, or no matrix is found.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 5.1: the trace of the matrix, and its fraction of zeros, are set.
    Each p(given = j, true = j) is above p(given = j) p(true = j), as in lemma 1 of Rooyen, Williamson (2018), JMLR 18.

    Examples
    --------
    >>> matrix = class_conditional_transition(np.full(4, 0.25), rate=0.4, sparsity=0.5, rng=np.random.default_rng(0))
    >>> matrix.sum(axis=0).round(6), round(float(np.trace(matrix)), 6), int((matrix == 0).sum())
    (array([1., 1., 1., 1.]), 2.4, 6)
    """
    k = len(prior)
    if not 0 <= rate < 1 - 1 / k:
        raise InputError(
            "rate", f"be from 0 to {1 - 1 / k:.3g}, exclusive, because of {k} classes", f"{rate:g}", "Lower the rate."
        )
    if not 0 <= sparsity < 1:
        raise InputError("sparsity", "be from 0 to 1, exclusive", f"{sparsity:g}", "Pass 0.4, for example.")
    for _ in range(_MOST_DRAWS):
        matrix = random_transition(bounded_shares(k, k * (1 - rate), 1e-5, 1.0, rng), (0.0, 1 - 1e-5), sparsity, rng)
        if rate == 0 or is_informative(matrix, prior):
            return matrix
    found = f"none in {_MOST_DRAWS:,} draws at rate {rate:g}"
    raise InputError("the classes", "allow a noise matrix that keeps information", found, "Lower the rate.")


_MOST_DRAWS = 10_000


def is_informative(transition: ClassMatrix, prior: ClassVector) -> bool:
    """Whether each p(given = j, true = j) is above p(given = j) p(true = j)."""
    joint = transition * prior
    return bool((joint.sum(axis=1) * prior < np.diagonal(joint)).all())


def drawn_labels(labels: Labels, transition: ClassMatrix, rng: np.random.Generator) -> Labels:
    """The given label of each row, drawn from the column of its true class.

    Examples
    --------
    >>> drawn_labels(np.array([0, 1, 1]), np.array([[0.0, 1.0], [1.0, 0.0]]), np.random.default_rng(0))
    array([1, 0, 0])
    """
    below = rng.random(len(labels))[:, None] > transition.cumsum(axis=0).T[labels]
    return np.asarray(np.minimum(below.sum(axis=1), len(transition) - 1))


def random_transition(
    diagonal: ClassVector, bounds: tuple[float, float], frac_zero: float, random: np.random.Generator
) -> ClassMatrix:
    """The diagonal, and below and above it in each column what it leaves, spread over some of the other classes."""
    k = len(diagonal)
    noisy = np.flatnonzero(diagonal < 1)
    # A column without noise holds k - 1 of the zeros already; every other one keeps one rate at least.
    zeros = min(max(int(k * (k - 1) * frac_zero) - (k - len(noisy)) * (k - 1), 0), len(noisy) * (k - 2))
    matrix = np.diag(diagonal)
    for column, n_zero in zip(noisy, bounded_counts(zeros, len(noisy), 0, k - 2, random), strict=True):
        others = random.permutation(np.delete(np.arange(k), column))[n_zero:]
        matrix[others, column] = bounded_shares(len(others), 1 - diagonal[column], *bounds, random)
    return matrix


_SLACK = 1e-6
Shares = npt.NDArray[np.float64]


def bounded_shares(n: int, total: float, low: float, high: float, random: np.random.Generator) -> Shares:
    """(n,) random numbers from `low` to `high` that add up to `total`.

    A point of the simplex, above the lower bounds or below the upper ones, whichever are nearer to the sum. What
    sticks out of the others is cut off, and shared out by the room that is left.
    """
    if n == 0:
        return np.empty(0)
    if not n * low - _SLACK <= total <= n * high + _SLACK:
        raise InputError(
            "the sum of the probabilities",
            f"lie from {n * low:g} to {n * high:g}, because each of {n} lies from {low:g} to {high:g}",
            f"{total:g}",
            "Widen the bounds, or change the sum.",
        )
    above, below = max(total - n * low, 0.0), max(n * high - total, 0.0)
    point = random.dirichlet(np.ones(n))
    shares = np.clip(low + point * above if above <= below else high - point * below, low, high)
    gap = total - shares.sum()
    room = high - shares if gap > 0 else shares - low
    return np.clip(shares + gap * room / room.sum(), low, high) if room.sum() > 0 else shares


def bounded_counts(total: int, n: int, low: float, high: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) random whole numbers from `low` to `high` that add up to `total`."""
    shares = bounded_shares(n, float(total), low, high, random)
    counts = np.floor(shares).astype(np.int64)
    left = total - int(counts.sum())
    largest_remainders = np.argsort(counts - shares, kind="stable")
    counts[largest_remainders[:left]] += 1
    return counts
