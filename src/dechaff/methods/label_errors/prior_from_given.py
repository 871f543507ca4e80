"""The latent prior by what each given label stands for."""

from __future__ import annotations

import numpy as np

from dechaff.methods.label_errors.least_prior import kept_above_zero
from dechaff.typing import ClassMatrix, ClassVector


def prior_from_given(label_shares: ClassVector, inverse_noise: ClassMatrix) -> ClassVector:
    """Share of each true class: p(true = j | given = i) added up over the given labels.

    Always shares, and never far off; the counts of an uncalibrated joint do not bend it.

    Parameters
    ----------
    label_shares : (k,) float, sums to 1
        Shares of the given labels.
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
    >>> import numpy as np
    >>> prior_from_given(np.array([0.5, 0.5]), np.array([[0.75, 0.25], [0.25, 0.75]]))
    array([0.5, 0.5])
    """
    return kept_above_zero(np.asarray(inverse_noise @ label_shares))
