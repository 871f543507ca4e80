"""Noise matrix, inverse noise matrix and prior that agree with one another."""

from __future__ import annotations

from dataclasses import dataclass

from dechaff.methods.label_errors.inverse_noise_matrix import inverse_noise_matrix
from dechaff.methods.label_errors.prior_from_diagonals import prior_from_diagonals
from dechaff.typing import ClassMatrix, ClassVector

ROUNDS = 3
STEPS_A_ROUND = 5


@dataclass(frozen=True)
class Latents:
    """What a joint says about the true classes."""

    prior: ClassVector
    """(k,) p(true)."""
    noise: ClassMatrix
    """(k, k) p(given = row | true = column)."""
    inverse_noise: ClassMatrix
    """(k, k) p(true = row | given = column)."""


def converged_latents(start: Latents, label_shares: ClassVector) -> Latents:
    """The three estimates, each made again from the other two until they nearly agree.

    Estimated one by one they need not satisfy the rule of Bayes. Here the inverse follows from noise and prior, the
    prior from both diagonals, five times; then the noise from the inverse; and all that three times.

    Parameters
    ----------
    start : estimates of a joint
    label_shares : (k,) float, sums to 1
        Shares of the given labels.

    Returns
    -------
    Latents

    Source
    ------
    cleanlab 2.9, ``converge_latent_estimates=True``. The number of rounds is fixed there, too.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> found = converged_latents(Latents(np.array([0.5, 0.5]), noise, noise), np.array([0.5, 0.5]))
    >>> found.prior, found.inverse_noise[0]
    (array([0.5, 0.5]), array([0.75, 0.25]))
    """
    prior, noise, inverse = start.prior, start.noise, start.inverse_noise
    for _ in range(ROUNDS):
        for _ in range(STEPS_A_ROUND):
            inverse = inverse_noise_matrix(noise * prior)
            prior = prior_from_diagonals(label_shares, noise, inverse)
        noise = inverse_noise_matrix(inverse * label_shares)
    return Latents(prior, noise, inverse)
