"""How many of the positives are found, without knowing the negatives."""

from __future__ import annotations

from dechaff.methods.pu.metrics.rates import rates
from dechaff.typing import Mask, Numbers


def pu_recall(labelled: Mask, predicted: Mask, *, weights: Numbers | None = None) -> float:
    """Share of the positives that are predicted positive: that of the labelled ones, which are a random sample.

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
    float in [0, 1]

    Raises
    ------
    InputError
        Where lengths differ, or no row is labelled or unlabelled.

    Source
    ------
    Lee, Liu (2003), ICML, section 4.

    Examples
    --------
    >>> pu_recall(np.array([True, True, False, False]), np.array([True, False, True, False]))
    0.5
    """
    return rates(labelled, predicted, 1.0, weights=weights).recall
