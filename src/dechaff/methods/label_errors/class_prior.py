"""How frequent the true classes are, from the frequencies of the given ones."""

from __future__ import annotations

import numpy as np

from dechaff.typing import ClassMatrix, ClassVector

MOST_ROUNDS = 50
"""Of EM. With more rounds, classes that are hard to separate converge to a fraction of zero."""
SETTLED = 1e-9


def class_prior(transition: ClassMatrix, label_fractions: ClassVector) -> ClassVector:
    """Fractions of the true classes that, through the noise, best explain the fractions of the given labels.

    Inverting T can give negative fractions; steps of EM keep them valid and increase the likelihood.

    Parameters
    ----------
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.
    label_fractions : (k,) float, sums to 1
        Fractions of the given labels.

    Returns
    -------
    (k,) float, sums to 1

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14, EM for class priors, with one row a class.

    Examples
    --------
    >>> import numpy as np
    >>> class_prior(np.array([[0.8, 0.2], [0.2, 0.8]]), np.array([0.65, 0.35])).round(3)
    array([0.75, 0.25])
    """
    prior = np.full(len(label_fractions), 1 / len(label_fractions))
    for _ in range(MOST_ROUNDS):
        moved = prior * (transition.T @ (label_fractions / (transition @ prior)))
        moved = moved / moved.sum()
        if np.abs(moved - prior).max() <= SETTLED:
            return np.asarray(moved)
        prior = moved
    return prior
