"""The latent quantities of confident learning: noise matrix, its inverse and the class prior, from the joint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.errors import InputError
from dechaff.typing import ClassMatrix, ClassVector


def noise_matrix(joint: ClassMatrix) -> ClassMatrix:
    """Probability of each given label, for each true class: ``T[i, j]`` = p(given = i | true = j).

    Parameters
    ----------
    joint : (k, k) int or float
        Counts or fractions of rows by given label (row) and true class (column), as of `calibrated_joint`.

    Returns
    -------
    (k, k) float, columns sum to 1
        A class without rows is taken to keep its label.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(given = i | true = j) = Q(i, j) / sum over i of Q(i, j).
    Differs from cleanlab 2.9, whose column is zero for a class without rows: no distribution, and no inverse.

    Examples
    --------
    >>> noise_matrix(np.array([[6, 1, 0], [2, 3, 0], [0, 0, 0]]))
    array([[0.75, 0.25, 0.  ],
           [0.25, 0.75, 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    counts = np.asarray(joint, dtype=np.float64)
    of_class = counts.sum(axis=0)
    return np.where(of_class > 0, counts / np.where(of_class > 0, of_class, 1.0), np.eye(len(counts)))


def inverse_noise_matrix(joint: ClassMatrix) -> ClassMatrix:
    """Probability of each true class, for each given label: ``M[j, i]`` = p(true = j | given = i).

    It is the inverse by the rule of Bayes, not the matrix inverse of the noise matrix.

    The joint is as in `noise_matrix`.

    Returns
    -------
    (k, k) float, columns sum to 1
        A label that is never given is taken to be of its class.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(true = j | given = i) = Q(i, j) / sum over j of Q(i, j).

    Examples
    --------
    >>> inverse_noise_matrix(np.array([[6, 2], [1, 3]]))
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    return noise_matrix(joint.T)


LEAST_PRIOR = 1e-6
"""As in cleanlab 2.9: an inverted matrix can give negative priors, and later steps divide by them."""


def kept_above_zero(prior: ClassVector) -> ClassVector:
    """The priors clipped to at least `LEAST_PRIOR`, then normalised."""
    clipped = np.clip(np.asarray(prior, dtype=np.float64), LEAST_PRIOR, 1.0)
    return np.asarray(clipped / clipped.sum())


def prior_from_joint(joint: ClassMatrix) -> ClassVector:
    """Fraction of each true class: the sum of its column of the joint.

    Parameters
    ----------
    joint : (k, k) int or float
        Counts or fractions of rows by given label (row) and true class (column). Of a calibrated joint, unless the
        labels are all given equally often: `confident_joint` leaves out more rows of some labels than of others.

    Returns
    -------
    (k,) float, sums to 1
        At least 1e-6 each.

    Source
    ------
    Northcutt, Jiang, Chuang (2021), JAIR 70, section 2: Q(true = j) = sum over i of Q(i, j); cleanlab 2.9,
    ``py_method="marginal"``.

    Examples
    --------
    >>> prior_from_joint(np.array([[3, 1], [2, 4]]))
    array([0.5, 0.5])
    """
    of_class = joint.sum(axis=0)
    return kept_above_zero(of_class / of_class.sum())


def prior_from_given(label_fractions: ClassVector, inverse_noise: ClassMatrix) -> ClassVector:
    """Fraction of each true class: p(true = j | given = i) added up over the given labels.

    Always a distribution, and never far off; the counts of an uncalibrated joint do not bias it.

    Parameters
    ----------
    label_fractions : (k,) float, sums to 1
        Fractions of the given labels.
    inverse_noise : (k, k) float, columns sum to 1
        Of `inverse_noise_matrix`.

    Returns
    -------
    (k,) float, sums to 1
        At least 1e-6 each.

    Source
    ------
    The law of total probability; cleanlab 2.9, ``py_method="marginal_ps"``.

    Examples
    --------
    >>> prior_from_given(np.array([0.5, 0.5]), np.array([[0.75, 0.25], [0.25, 0.75]]))
    array([0.5, 0.5])
    """
    return kept_above_zero(np.asarray(inverse_noise @ label_fractions))


def prior_by_inversion(label_fractions: ClassVector, noise: ClassMatrix) -> ClassVector:
    """Fraction of each true class, by solving ``noise @ prior = label_fractions``.

    Exact if the noise matrix is, and far off if it is nearly singular: negative priors are clipped.

    Parameters
    ----------
    label_fractions
        As in `prior_from_given`, with its result.
    noise : (k, k) float, columns sum to 1
        Of `noise_matrix`.

    Raises
    ------
    InputError
        If the matrix has no inverse: two classes are labelled alike.

    Source
    ------
    Natarajan et al. (2013), NeurIPS, the noise as a linear map of the classes; cleanlab 2.9, ``py_method="eqn"``.

    Examples
    --------
    >>> prior_by_inversion(np.array([0.65, 0.35]), np.array([[0.8, 0.2], [0.2, 0.8]])).round(6)
    array([0.75, 0.25])
    """
    # Elimination does not notice every such matrix, and makes fractions of what rounding has left.
    if np.linalg.matrix_rank(noise) < len(noise):
        raise InputError(
            "noise",
            "have an inverse",
            f"a {len(noise)} x {len(noise)} matrix in which some classes are labelled alike",
            "Take prior_from_diagonals, which needs no inverse.",
        )
    return kept_above_zero(np.linalg.solve(noise, label_fractions).astype(np.float64))


def prior_from_diagonals(label_fractions: ClassVector, noise: ClassMatrix, inverse_noise: ClassMatrix) -> ClassVector:
    """Fraction of each true class, from its labels that are right.

    By the rule of Bayes p(true = k) = p(true = k | given = k) p(given = k) / p(given = k | true = k). It reads the
    diagonals only, which have the most rows behind them.

    Parameters
    ----------
    label_fractions, inverse_noise
        As in `prior_from_given`, with its result; also a class none of whose labels is right has 1e-6.
    noise : as in `prior_by_inversion`

    Source
    ------
    Northcutt, Wu, Chuang (2017), UAI, rank pruning: the prior from the two noise rates, here for k classes;
    cleanlab 2.9, ``py_method="cnt"``.

    Examples
    --------
    >>> noise, inverse = np.array([[0.75, 0.5], [0.25, 0.5]]), np.array([[0.6, 1 / 3], [0.4, 2 / 3]])
    >>> prior_from_diagonals(np.array([0.625, 0.375]), noise, inverse)
    array([0.5, 0.5])
    """
    right = np.diagonal(noise)
    shares = np.diagonal(inverse_noise) * label_fractions / np.where(right > 0, right, 1.0)
    return kept_above_zero(np.where(right > 0, shares, 0.0))


ROUNDS = 3
STEPS_A_ROUND = 5


@dataclass(frozen=True)
class Latents:
    """Estimates of the latent quantities from a joint."""

    prior: ClassVector
    """(k,) p(true)."""
    noise: ClassMatrix
    """(k, k) p(given = row | true = column)."""
    inverse_noise: ClassMatrix
    """(k, k) p(true = row | given = column)."""


def converged_latents(start: Latents, label_fractions: ClassVector) -> Latents:
    """The three estimates, recomputed from each other until they nearly agree.

    Estimated one by one they need not satisfy Bayes' rule. Here the inverse follows from noise and prior, the prior
    from both diagonals, five times; then the noise from the inverse; and all of that three times.

    Parameters
    ----------
    start : estimates of a joint
    label_fractions : as in `prior_from_given`

    Returns
    -------
    Latents

    Source
    ------
    cleanlab 2.9, ``converge_latent_estimates=True``. The number of rounds is fixed there, too.

    Examples
    --------
    >>> noise = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> found = converged_latents(Latents(np.array([0.5, 0.5]), noise, noise), np.array([0.5, 0.5]))
    >>> found.prior, found.inverse_noise[0]
    (array([0.5, 0.5]), array([0.75, 0.25]))
    """
    prior, noise, inverse = start.prior, start.noise, start.inverse_noise
    for _ in range(ROUNDS):
        for _ in range(STEPS_A_ROUND):
            inverse = inverse_noise_matrix(noise * prior)
            prior = prior_from_diagonals(label_fractions, noise, inverse)
        noise = inverse_noise_matrix(inverse * label_fractions)
    return Latents(prior, noise, inverse)
