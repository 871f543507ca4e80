"""The mean loss of a classifier, without knowing the negatives."""

from __future__ import annotations

import numpy as np

from dechaff.errors import InputError
from dechaff.methods.pu.metrics.masks_and_scores import mask, scores_of_rows
from dechaff.methods.pu.metrics.rates import checked_counts, population_mean
from dechaff.methods.pu.scheme import Scheme, class_prior
from dechaff.typing import Mask, Numbers

LEAST = 1e-15
"""Probabilities nearer to 0 or 1 count as this near, so that one row's loss stays finite."""


def pu_risk(
    labelled: Mask,
    losses_if_positive: Numbers,
    losses_if_negative: Numbers,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Mean loss over the population, for any loss.

    Labelled rows tell the loss of positives, and the population's loss, were all its rows negative, contains too much
    by that of its positives: ``prior E_p[l+] + (E[l-] - prior E_p[l-])``.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    losses_if_positive, losses_if_negative : (n,) float
        The loss of each row's prediction, were it positive and were it negative; of rows not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled.
    scheme : "single-training-set" or "case-control"
        Whether the rows are one sample, or the unlabelled ones are a sample of their own.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float
        Below 0 by chance, or where c is too low.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, c is no chance, or the scheme is unknown.

    Source
    ------
    du Plessis, Niu, Sugiyama (2015), Convex formulation for learning from positive and unlabeled data, ICML, equation
    2, which is of the case-control scheme; for one sample the same, over all rows.

    Examples
    --------
    >>> labelled, wrong = np.array([True, False, False, False]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> pu_risk(labelled, wrong, 1 - wrong, 0.5)
    0.0
    """
    labelled = mask("labelled", labelled)
    counts = checked_counts(
        labelled, weights, losses_if_positive=losses_if_positive, losses_if_negative=losses_if_negative
    )
    prior = class_prior(c, float(counts[labelled].sum()), float(counts[~labelled].sum()), scheme)
    of_positives = np.average((losses_if_positive - losses_if_negative)[labelled], weights=counts[labelled])
    return prior * float(of_positives) + population_mean(losses_if_negative, labelled, counts, scheme)


def pu_log_loss(
    labelled: Mask,
    positive_probs: Numbers,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Mean log loss of probabilities of being positive: the smaller, the better they are, calibration included.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    positive_probs : (n,) float from 0 to 1
        p(y = 1 | x) by the model, of rows that it has not learnt from.
    c : float in (0, 1]
        Chance that a positive of these rows is labelled.
    scheme : "single-training-set" or "case-control"
        Whether the rows are one sample, or the unlabelled ones are a sample of their own.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float
        Below 0 by chance, or where c is too low.

    Raises
    ------
    InputError
        Where lengths differ, no row is labelled or unlabelled, a probability is none, c is no chance, or the scheme is
        unknown.

    Source
    ------
    du Plessis, Niu, Sugiyama (2015), ICML, equation 2, with the logistic loss.

    Examples
    --------
    >>> labelled = np.array([True, False, False, False])
    >>> good, poor = np.array([0.9, 0.9, 0.1, 0.1]), np.array([0.6, 0.6, 0.4, 0.4])
    >>> pu_log_loss(labelled, good, 0.5) < pu_log_loss(labelled, poor, 0.5)
    True
    """
    positive_probs = scores_of_rows("positive_probs", positive_probs)
    bad = ~((positive_probs >= 0) & (positive_probs <= 1))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        fix = "Hand in predict_proba of the positive class."
        raise InputError("positive_probs", "be from 0 to 1", f"{positive_probs[row]} in row {row}", fix)
    probs = np.clip(positive_probs, LEAST, 1 - LEAST)
    return pu_risk(labelled, -np.log(probs), -np.log1p(-probs), c, scheme=scheme, weights=weights)
