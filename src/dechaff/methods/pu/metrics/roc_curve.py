"""Positives found against negatives called positive, at every threshold, without knowing the negatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.threshold_counts import threshold_counts
from dechaff.methods.pu.scheme import unlabelled_share
from dechaff.typing import Figures, Mask, Numbers


@dataclass(frozen=True)
class RocCurve:
    """One point a threshold, from the highest; the first is (0, 0), at infinity."""

    false_positive_rate: Figures
    true_positive_rate: Figures
    thresholds: Figures


def pu_roc_curve(labelled: Mask, scores: Numbers, c: float, *, weights: Numbers | None = None) -> RocCurve:
    """The curve of true positives over false positives.

    Above a threshold lie the share r of the labelled rows, which is the true positive rate, and the share u of the
    unlabelled ones, of which a is positive: the false positive rate is ``(u - a r) / (1 - a)``. It is cut at 0 and
    1 and kept from falling, as chance would have it do; `pu_auc` is not cut.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    scores : (n,) float
        Higher = more likely positive, of rows that the model has not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled; whatever the scheme.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    RocCurve

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, a score is missing, or c leaves no negative.

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
    share = unlabelled_share(c, found.n_labelled, found.n_unlabelled)
    if share >= 1:
        raise InputError("c", "leave some unlabelled rows negative", f"{c}", "Hand in the c of these rows.")
    true, of_unlabelled = found.labelled / found.n_labelled, found.unlabelled / found.n_unlabelled
    false = np.maximum.accumulate(np.clip((of_unlabelled - share * true) / (1 - share), 0, 1))
    return RocCurve(np.append(0.0, false), np.append(0.0, true), np.append(np.inf, found.thresholds))
