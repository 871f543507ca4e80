"""A score to choose models by that needs neither negatives nor c."""

from __future__ import annotations

from dechaff.methods.pu.metrics.rates import rates
from dechaff.typing import Mask, Numbers


def lee_liu(labelled: Mask, predicted: Mask, *, weights: Numbers | None = None) -> float:
    """Recall squared, divided by the share of rows that are predicted positive.

    It equals precision times recall, divided by the class prior, which is the same for all models of one task: a model
    that has more of it has more of both, as with F1. Its size means nothing by itself.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    predicted : (n,) bool, or 1 and 0
        Rows that the model calls positive, of rows that it has not learnt from.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float, at least 0
        0 where no row is predicted positive.

    Raises
    ------
    InputError
        Where lengths differ, or no row is labelled or unlabelled.

    Source
    ------
    Lee, Liu (2003), Learning with positive and unlabeled examples using weighted logistic regression, ICML, section 4.

    Examples
    --------
    >>> lee_liu(np.array([True, True, False, False]), np.array([True, False, True, False]))
    0.5
    """
    found = rates(labelled, predicted, 1.0, weights=weights)
    return found.recall**2 / found.predicted if found.predicted > 0 else 0.0
