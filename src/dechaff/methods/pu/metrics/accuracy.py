"""How many predictions are right, without knowing the negatives."""

from __future__ import annotations

from dechaff.methods.pu.metrics.rates import rates
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Mask, Numbers


def pu_accuracy(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Share of the predictions that are right: one minus the positives missed and the negatives called positive.

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
    float
        Above 1 by chance, or where c is too low.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, c is no chance, or the scheme is unknown.

    Source
    ------
    du Plessis, Niu, Sugiyama (2014), Analysis of learning from positive and unlabeled data, NeurIPS, equation 3 with
    the zero-one loss.

    Examples
    --------
    >>> labelled = np.array([True, True, True, False, False, False, False, False, False, False])
    >>> predicted = np.array([True, True, False, True, True, True, False, False, False, False])
    >>> round(pu_accuracy(labelled, predicted, 0.5), 3)
    0.7
    """
    found = rates(labelled, predicted, c, scheme=scheme, weights=weights)
    return 1 - found.prior - found.predicted + 2 * found.prior * found.recall
