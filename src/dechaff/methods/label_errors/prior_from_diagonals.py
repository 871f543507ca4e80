"""The latent prior from the labels that are right."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.least_prior import kept_above_zero
from dechaff.typing import ClassMatrix, ClassVector


def prior_from_diagonals(label_shares: ClassVector, noise: ClassMatrix, inverse_noise: ClassMatrix) -> ClassVector:
    """Share of each true class, from its labels that are right.

    By the rule of Bayes p(true = k) = p(true = k | given = k) p(given = k) / p(given = k | true = k). It reads the
    diagonals only, which have the most rows behind them.

    Parameters
    ----------
    label_shares : (k,) float, sums to 1
        Shares of the given labels.
    noise : (k, k) float, columns sum to 1
        Of `noise_matrix`.
    inverse_noise : (k, k) float, columns sum to 1
        Of `inverse_noise_matrix`.

    Returns
    -------
    (k,) float, sums to 1
        At least 1e-6 each; so is a class none of whose labels is right.

    Source
    ------
    Northcutt, Wu, Chuang (2017), UAI, rank pruning: the prior from the two noise rates, here for k classes;
    cleanlab 2.9, ``py_method="cnt"``.

    Examples
    --------
    >>> import numpy as np
    >>> noise, inverse = np.array([[0.75, 0.5], [0.25, 0.5]]), np.array([[0.6, 1 / 3], [0.4, 2 / 3]])
    >>> prior_from_diagonals(np.array([0.625, 0.375]), noise, inverse)
    array([0.5, 0.5])
    """
    right = np.diagonal(noise)
    shares = np.diagonal(inverse_noise) * label_shares / np.where(right > 0, right, 1.0)
    return kept_above_zero(np.where(right > 0, shares, 0.0))
