"""The latent prior by undoing the noise."""

from __future__ import annotations

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.label_errors.least_prior import kept_above_zero
from dechaff.typing import ClassMatrix, ClassVector


def prior_by_inversion(label_shares: ClassVector, noise: ClassMatrix) -> ClassVector:
    """Share of each true class, by solving ``noise @ prior = label_shares``.

    Exact where the noise matrix is, and far off where it is nearly singular: shares below zero are cut.

    Parameters
    ----------
    label_shares : (k,) float, sums to 1
        Shares of the given labels.
    noise : (k, k) float, columns sum to 1
        Of `noise_matrix`.

    Returns
    -------
    (k,) float, sums to 1
        At least 1e-6 each.

    Raises
    ------
    InputError
        Where the matrix has no inverse: two classes are labelled alike.

    Source
    ------
    Natarajan et al. (2013), NeurIPS, the noise as a linear map of the classes; cleanlab 2.9, ``py_method="eqn"``.

    Examples
    --------
    >>> import numpy as np
    >>> prior_by_inversion(np.array([0.65, 0.35]), np.array([[0.8, 0.2], [0.2, 0.8]])).round(6)
    array([0.75, 0.25])
    """
    # Elimination does not notice every such matrix, and makes shares of what rounding has left.
    if np.linalg.matrix_rank(noise) < len(noise):
        raise InputError(
            "noise",
            "have an inverse",
            f"a {len(noise)} x {len(noise)} matrix in which some classes are labelled alike",
            "Take prior_from_diagonals, which needs no inverse.",
        )
    return kept_above_zero(np.linalg.solve(noise, label_shares).astype(np.float64))
