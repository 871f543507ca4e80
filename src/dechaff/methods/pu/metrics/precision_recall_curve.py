"""Precision against recall at every threshold, without knowing the negatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.pu.metrics.threshold_counts import threshold_counts
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.typing import Figures, Mask, Numbers


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point a threshold, from the highest: precision, cut at 1, and recall, which rises."""

    precision: Figures
    recall: Figures
    thresholds: Figures

    @property
    def average_precision(self) -> float:
        """Mean of the precisions, each weighed by the recall that it adds."""
        return float(self.precision @ np.diff(self.recall, prepend=0.0))


def pu_precision_recall_curve(
    labelled: Mask,
    scores: Numbers,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> PrecisionRecallCurve:
    """The curve of precision over recall, with the average precision.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    scores : (n,) float
        Higher = more likely positive, of rows that the model has not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled.
    scheme : "single-training-set" or "case-control"
        Whether the rows are one sample, or the unlabelled ones are a sample of their own.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    PrecisionRecallCurve

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, a score is missing, c is no chance, or the scheme is
        unknown.

    Source
    ------
    Claesen, Davis, De Smet, De Moor (2015), Assessing binary classifiers using only positive and unlabeled data.

    Examples
    --------
    >>> curve = pu_precision_recall_curve(np.array([True, False, False, False]), np.array([0.8, 0.8, 0.2, 0.1]), 0.5)
    >>> curve.precision, curve.recall, curve.average_precision
    (array([1.        , 0.66666667, 0.5       ]), array([1., 1., 1.]), 1.0)
    """
    found = threshold_counts(labelled, scores, weights)
    prior = class_prior(c, found.n_labelled, found.n_unlabelled, scheme)
    above = found.unlabelled if scheme == "case-control" else found.labelled + found.unlabelled
    recall = found.labelled / found.n_labelled
    # No unlabelled row above a threshold: the precision there is not below any other.
    precision = np.divide(prior * recall * above[-1], above, out=np.ones(len(above)), where=above > 0)
    return PrecisionRecallCurve(np.minimum(precision, 1.0), recall, found.thresholds)
