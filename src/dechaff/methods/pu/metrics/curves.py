"""Curves over thresholds of a score, from labelled positives and unlabelled rows: ROC, its area, precision-recall.

They share their parameters, which `dechaff.methods.pu.metrics.rates.pu_precision` describes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.rates import mask, scores_of_rows
from dechaff.methods.pu.scheme import Scheme, class_prior, row_counts, unlabelled_fraction
from dechaff.typing import Figures, Mask, Numbers


@dataclass(frozen=True)
class ThresholdCounts:
    """Rows that score at least each threshold, from the highest threshold to the lowest."""

    thresholds: Figures
    labelled: Figures
    unlabelled: Figures

    @property
    def n_labelled(self) -> float:
        """Labelled rows in all."""
        return float(self.labelled[-1])

    @property
    def n_unlabelled(self) -> float:
        """Unlabelled rows in all."""
        return float(self.unlabelled[-1])


def threshold_counts(labelled: Mask, scores: Numbers, weights: Numbers | None) -> ThresholdCounts:
    """Labelled and unlabelled rows above each distinct score.

    Examples
    --------
    >>> found = threshold_counts(np.array([True, False, False]), np.array([0.5, 0.5, 0.2]), None)
    >>> found.thresholds, found.labelled, found.unlabelled
    (array([0.5, 0.2]), array([1., 1.]), array([1., 2.]))
    """
    labelled, scores = mask("labelled", labelled), scores_of_rows("scores", scores)
    counts = row_counts(weights, labelled=labelled, scores=scores)
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise InputError("scores", "be finite", f"{scores[row]} in row {row}", "Leave out the rows without a score.")
    distinct, place = np.unique(scores, return_inverse=True)
    of_labelled, of_unlabelled = (
        np.bincount(place[kind], counts[kind], minlength=len(distinct))[::-1].cumsum() for kind in (labelled, ~labelled)
    )
    return ThresholdCounts(distinct[::-1].astype(np.float64), of_labelled, of_unlabelled)


@dataclass(frozen=True)
class RocCurve:
    """One point per threshold, from the highest; the first is (0, 0), at infinity."""

    false_positive_rate: Figures
    true_positive_rate: Figures
    thresholds: Figures


def pu_roc_curve(labelled: Mask, scores: Numbers, c: float, *, weights: Numbers | None = None) -> RocCurve:
    """True positive rate over false positive rate.

    The true positive rate r is the fraction of labelled rows above the threshold. With u the fraction of unlabelled
    rows above it, and a the fraction of unlabelled rows that are positive, the false positive rate is
    ``(u - a r) / (1 - a)``, clipped to [0, 1] and made monotonic; `pu_auc` is not clipped.

    Parameters
    ----------
    scores : (n,) float
        Higher = more likely positive, in any units, of rows that the model was not trained on.
    labelled, c, weights
        As in `pu_precision`; the same in both schemes.

    Returns
    -------
    RocCurve

    Raises
    ------
    InputError
        If lengths differ, no row is labelled or unlabelled, a score is not finite, or c leaves no negative.

    Source
    ------
    Jain, White, Radivojac (2017), Recovering true classifier performance in positive-unlabeled learning, AAAI. Differs:
    kept from falling.

    Examples
    --------
    >>> curve = pu_roc_curve(np.array([True, False, False, False]), np.array([0.8, 0.8, 0.2, 0.1]), 0.5)
    >>> curve.false_positive_rate, curve.true_positive_rate
    (array([0. , 0. , 0.5, 1. ]), array([0., 1., 1., 1.]))
    """
    found = threshold_counts(labelled, scores, weights)
    positive = _positive_fraction(c, found)
    true, of_unlabelled = found.labelled / found.n_labelled, found.unlabelled / found.n_unlabelled
    false = np.maximum.accumulate(np.clip((of_unlabelled - positive * true) / (1 - positive), 0, 1))
    return RocCurve(np.append(0.0, false), np.append(0.0, true), np.append(np.inf, found.thresholds))


def pu_auc(labelled: Mask, scores: Numbers, c: float, *, weights: Numbers | None = None) -> float:
    """Area under the ROC curve: the probability that a positive row scores higher than a negative one.

    Labelled against unlabelled rows it is biased, since a fraction a of the unlabelled rows is positive:
    ``AUC_pu = a / 2 + (1 - a) AUC``, solved here for AUC. The fraction a equals the class prior in the case-control
    scheme only; if one sample was labelled in part it is lower, and correcting by the class prior overestimates.

    Parameters and errors as in `pu_roc_curve`.

    Returns
    -------
    float
        Above 1 by chance, or if c is too low.

    Source
    ------
    Menon, van Rooyen, Ong, Williamson (2015), Learning from corrupted binary labels via class-probability estimation,
    ICML, corollary 3; Jain, White, Radivojac (2017), Recovering true classifier performance in positive-unlabeled
    learning, AAAI.

    Examples
    --------
    Two positives score above both negatives; one of the two is labelled:

    >>> pu_auc(np.array([True, False, False, False]), np.array([0.8, 0.8, 0.2, 0.1]), 0.5)
    1.0
    """
    found = threshold_counts(labelled, scores, weights)
    positive = _positive_fraction(c, found)
    return (_pairs_won(found) - positive / 2) / (1 - positive)


def _positive_fraction(c: float, found: ThresholdCounts) -> float:
    """Of the unlabelled rows."""
    fraction = unlabelled_fraction(c, found.n_labelled, found.n_unlabelled)
    if fraction >= 1:
        raise InputError("c", "leave some unlabelled rows negative", f"{c}", "Pass the c of these rows.")
    return fraction


def _pairs_won(found: ThresholdCounts) -> float:
    """Probability that a labelled row scores higher than an unlabelled one, ties counting half: trapezoid rule."""
    area = np.trapezoid(np.append(0.0, found.labelled), np.append(0.0, found.unlabelled))
    return float(area) / (found.n_labelled * found.n_unlabelled)


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point per threshold, from the highest: precision, clipped at 1, and recall, which increases."""

    precision: Figures
    recall: Figures
    thresholds: Figures

    @property
    def average_precision(self) -> float:
        """Mean of the precisions, each weighted by the increase in recall."""
        return float(self.precision @ np.diff(self.recall, prepend=0.0))


def pu_precision_recall_curve(
    labelled: Mask,
    scores: Numbers,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> PrecisionRecallCurve:
    """Precision over recall, with the average precision.

    Parameters
    ----------
    scores : (n,) float
        Higher = more likely positive, in any units, of rows that the model was not trained on.
    labelled, c, scheme, weights
        As in `pu_precision`.

    Returns
    -------
    PrecisionRecallCurve

    Raises
    ------
    InputError
        As `pu_precision`, and if a score is not finite.

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
