"""Precision and recall in one number, without knowing the negatives."""

from __future__ import annotations

from dechaff.methods.pu.metrics.rates import rates
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Mask, Numbers


def pu_f1(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Harmonic mean of precision and recall: twice the share found, by the share predicted plus the class prior.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    predicted : (n,) bool, or 1 and 0
        Rows that the model calls positive, of rows that it has not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled.
    scheme : "single-training-set" or "case-control"
        Whether the rows are one sample, or the unlabelled ones are a sample of their own.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float, at least 0
        Above 1 by chance, or where c is too low.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, c is no chance, or the scheme is unknown.

    Source
    ------
    Claesen, Davis, De Smet, De Moor (2015), Assessing binary classifiers using only positive and unlabeled data.

    Examples
    --------
    >>> labelled = np.array([True, True, True, False, False, False, False, False, False, False])
    >>> predicted = np.array([True, True, False, True, True, True, False, False, False, False])
    >>> round(pu_f1(labelled, predicted, 0.5), 3)
    0.727
    """
    found = rates(labelled, predicted, c, scheme=scheme, weights=weights)
    return 2 * found.prior * found.recall / (found.predicted + found.prior)
