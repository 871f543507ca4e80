"""How many of the positive predictions are right, without knowing the negatives."""

from __future__ import annotations

from dechaff.methods.pu.metrics.rates import rates
from dechaff.methods.pu.scheme import Scheme
from dechaff.typing import Mask, Numbers


def pu_precision(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Share of the positive predictions that are right: class prior times recall, by the share predicted positive.

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
        Above 1 by chance, or where c is too low; 0 where no row is predicted positive.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, c is no chance, or the scheme is unknown.

    Source
    ------
    Claesen, Davis, De Smet, De Moor (2015), Assessing binary classifiers using only positive and unlabeled data.
    Differs: not cut at 1, so that a mean over folds stays right.

    Examples
    --------
    Of six positives three are labelled; the model finds two thirds of them, and calls five of ten rows positive:

    >>> labelled = np.array([True, True, True, False, False, False, False, False, False, False])
    >>> predicted = np.array([True, True, False, True, True, True, False, False, False, False])
    >>> round(pu_precision(labelled, predicted, 0.5), 3)
    0.8
    """
    found = rates(labelled, predicted, c, scheme=scheme, weights=weights)
    return found.prior * found.recall / found.predicted if found.predicted > 0 else 0.0
