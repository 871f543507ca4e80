"""Whether the labels of a slice are merely of other class shares: more of one class, none of them wrong."""

from __future__ import annotations

import numpy as np

from dechaff.typing import Labels, Probs

_ROUNDS = 200
_PRIOR_COUNT = 0.5


def share_shift(labels: Labels, probs: Probs) -> Probs:
    """Probabilities after the classes have been weighed so that they fit the class shares of these rows.

    A model that was trained elsewhere carries the class shares of elsewhere. Where only these differ,
    ``q'_j(x) ∝ w_j q_j(x)`` is right again; the weights w make the mean of q' equal the shares of the labels, which
    is what maximum likelihood asks for. Half a row of every class is added, so that no weight is 0.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Of a model that was trained on other rows.

    Returns
    -------
    (n, k) float
        Rows sum to 1.

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14(1), with the shares known instead of estimated.

    Examples
    --------
    >>> share_shift(np.array([1, 1, 1, 0]), np.full((4, 2), 0.5))[0].round(2)
    array([0.3, 0.7])
    """
    k = probs.shape[1]
    wanted = (np.bincount(labels, minlength=k) + _PRIOR_COUNT) / (len(labels) + k * _PRIOR_COUNT)
    floored = np.maximum(probs, 1e-9)
    shifted = floored / floored.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        shares = shifted.mean(axis=0)
        if np.abs(shares - wanted).max() < 1e-6:
            break
        shifted = shifted * (wanted / shares)
        shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted
