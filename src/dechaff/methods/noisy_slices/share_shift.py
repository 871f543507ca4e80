"""Whether the classes of a slice merely have other shares: more rows of one class, none of them labelled wrongly."""

from __future__ import annotations

import numpy as np

from dechaff.methods.noisy_slices.slice_transition import SliceTransition
from dechaff.typing import ClassVector, Labels, Probs

_OVERCONFIDENCE = 0.05
"""Weight of equal chances that is mixed into probabilities before their likelihoods are compared."""
_LEAST = 1e-9


def only_other_shares(labels: Labels, probs: Probs, prior: ClassVector, found: SliceTransition) -> bool:
    """Whether other class shares explain rows and labels of a slice as well as wrong labels do.

    The model gives the likelihood of a row under each class, ``p(x | j) ∝ q_j(x) / prior_j``. Sound labels y with
    shares w make the slice as likely as ``Π w_y p(x | y)``; wrong ones as ``Π sum_j T[y, j] v_j p(x | j)`` with the
    transition T and the true shares v. The two are compared by BIC: every cell of T that is in use costs one
    parameter, the shares of the labels are free. Labels that are all of one class while the rows look like two are
    thereby wrong, and labels that are nearly all of one class while the rows look like it are not.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels of the rows of the slice.
    probs : (n, k) float, rows sum to 1
        Of a model that was trained on other rows.
    prior : (k,) float, sum 1
        Class shares of the rows that it was trained on.
    found : the transition of the slice by :func:`slice_transition`

    Returns
    -------
    bool

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14(1), equation 2.4 for the likelihood under other shares;
    Schwarz (1978), Annals of Statistics 6(2), for the comparison.

    Examples
    --------
    >>> from dechaff.methods.noisy_slices.slice_transition import slice_transition
    >>> looks_like_both = np.array([[0.9, 0.1], [0.1, 0.9]] * 20)
    >>> labels = np.zeros(40, dtype=np.int64)
    >>> only_other_shares(labels, looks_like_both, np.array([0.5, 0.5]), slice_transition(labels, looks_like_both))
    False
    """
    n, k = probs.shape
    likelihood = ((1 - _OVERCONFIDENCE) * probs + _OVERCONFIDENCE / k) / np.maximum(prior, _LEAST)
    shares = np.bincount(labels, minlength=k) / n
    sound = shares[labels] * likelihood[np.arange(n), labels]
    wrong = (found.transition[labels] * found.posterior.mean(axis=0) * likelihood).sum(axis=1)
    cells = found.transition * found.posterior.sum(axis=0)
    np.fill_diagonal(cells, 0.0)
    return bool(np.log(wrong / sound).sum() < 0.5 * int((cells >= 1).sum()) * np.log(n))
