"""Metrics of predictions: recall, precision, F1, accuracy and mean loss, from labelled positives and unlabelled rows.

They share their parameters, which `pu_precision` describes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.errors import InputError
from dechaff.methods.pu.scheme import Scheme, class_prior, row_counts
from dechaff.typing import Figures, Mask, Numbers

LEAST = 1e-15
"""Probabilities are kept this far from 0 and 1, so that the loss of one row stays finite."""


@dataclass(frozen=True)
class Rates:
    """Three fractions of the population, from which each metric of yes-or-no predictions is computed."""

    recall: float
    """Of the positives, predicted positive: that of the labelled ones, which are a random sample of them."""
    predicted: float
    """Of all rows, predicted positive."""
    prior: float
    """Of all rows, positive."""


def rates(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> Rates:
    """Recall, fraction of positive predictions, and class prior.

    The population is all rows in the single-training-set scheme, and the unlabelled rows in the case-control scheme.

    Examples
    --------
    >>> labelled, predicted = np.array([True, True, False, False, False]), np.array([True, False, True, False, False])
    >>> rates(labelled, predicted, 0.8)
    Rates(recall=0.5, predicted=0.4, prior=0.5)
    """
    labelled, predicted = mask("labelled", labelled), mask("predicted", predicted)
    counts = row_counts(weights, labelled=labelled, predicted=predicted)
    prior = class_prior(c, float(counts[labelled].sum()), float(counts[~labelled].sum()), scheme)
    recall = float(counts[labelled & predicted].sum()) / float(counts[labelled].sum())
    return Rates(recall, population_mean(predicted, labelled, counts, scheme), prior)


def pu_recall(labelled: Mask, predicted: Mask, *, weights: Numbers | None = None) -> float:
    """Fraction of the positives that are predicted positive: that of the labelled ones, which are a random sample.

    Parameters and errors as in `pu_precision`.

    Returns
    -------
    float in [0, 1]

    Source
    ------
    Lee, Liu (2003), ICML, section 4.

    Examples
    --------
    >>> pu_recall(np.array([True, True, False, False]), np.array([True, False, True, False]))
    0.5
    """
    return rates(labelled, predicted, 1.0, weights=weights).recall


def pu_precision(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Fraction of the positive predictions that are right: prior times recall, over the fraction predicted positive.

    Parameters
    ----------
    labelled : (n,) bool, or 1 and 0
        The labelled positives.
    predicted : (n,) bool, or 1 and 0
        Rows that the model predicts positive. It must not have been trained on them.
    c : float in (0, 1]
        Probability that a positive of these rows is labelled.
    scheme : "single-training-set" or "case-control"
        Whether the rows are one sample, or the unlabelled rows are a sample of their own.
    weights : (n,) float, at least 0
        How often each row counts.

    Returns
    -------
    float, at least 0
        Above 1 by chance, or if c is too low; 0 if no row is predicted positive.

    Raises
    ------
    InputError
        If lengths differ, no row is labelled or unlabelled, c is outside (0, 1], or the scheme is unknown.

    Source
    ------
    Claesen, Davis, De Smet, De Moor (2015), Assessing binary classifiers using only positive and unlabeled data.
    Differs: not clipped at 1, so that a mean over folds stays unbiased.

    Examples
    --------
    Of six positives three are labelled; the model finds two thirds of them, and predicts five of ten rows positive:

    >>> labelled = np.array([True, True, True, False, False, False, False, False, False, False])
    >>> predicted = np.array([True, True, False, True, True, True, False, False, False, False])
    >>> round(pu_precision(labelled, predicted, 0.5), 3)
    0.8
    """
    found = rates(labelled, predicted, c, scheme=scheme, weights=weights)
    return found.prior * found.recall / found.predicted if found.predicted > 0 else 0.0


def pu_f1(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Harmonic mean of precision and recall.

    Parameters and errors as in `pu_precision`.

    Returns
    -------
    float, at least 0
        Above 1 by chance, or if c is too low.

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


def pu_accuracy(
    labelled: Mask,
    predicted: Mask,
    c: float,
    *,
    scheme: Scheme = "single-training-set",
    weights: Numbers | None = None,
) -> float:
    """Fraction of the predictions that are right: one minus false negatives and false positives.

    Parameters and errors as in `pu_precision`.

    Returns
    -------
    float
        Above 1 by chance, or if c is too low.

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


def lee_liu(labelled: Mask, predicted: Mask, *, weights: Numbers | None = None) -> float:
    """Recall squared, divided by the fraction of rows predicted positive: a criterion to choose models that needs no c.

    It equals precision times recall, divided by the class prior, which is the same for all models of one task. Like
    F1 it is high if both are high. Only its order is meaningful.

    Parameters and errors as in `pu_precision`.

    Returns
    -------
    float, at least 0
        0 if no row is predicted positive.

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

    ``prior E_p[l+] + (E[l-] - prior E_p[l-])``: labelled rows give the loss of positives; the loss of negatives is
    that of all rows taken as negative, less the part of it that is due to positives.

    Parameters
    ----------
    losses_if_positive, losses_if_negative : (n,) float
        The loss of each row's prediction if it is positive, and if it is negative; of rows not trained on.
    labelled, c, scheme, weights
        As in `pu_precision`.

    Returns
    -------
    float
        Below 0 by chance, or if c is too low.

    Raises
    ------
    InputError
        As `pu_precision`.

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
    counts = row_counts(
        weights, labelled=labelled, losses_if_positive=losses_if_positive, losses_if_negative=losses_if_negative
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
    """Mean log loss of the predicted probabilities: the lower, the better, calibration included.

    Parameters
    ----------
    positive_probs : (n,) float from 0 to 1
        p(y = 1 | x) by the model, of rows that it was not trained on.
    labelled, c, scheme, weights
        As in `pu_precision`.

    Returns
    -------
    float
        Below 0 by chance, or if c is too low.

    Raises
    ------
    InputError
        As `pu_precision`, and if a probability is outside [0, 1].

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
        fix = "Pass predict_proba of the positive class."
        raise InputError("positive_probs", "be from 0 to 1", f"{positive_probs[row]} in row {row}", fix)
    probs = np.clip(positive_probs, LEAST, 1 - LEAST)
    return pu_risk(labelled, -np.log(probs), -np.log1p(-probs), c, scheme=scheme, weights=weights)


def population_mean(values: Mask | Numbers, labelled: Mask, counts: Numbers, scheme: Scheme) -> float:
    """The mean over the rows that are a sample of the population."""
    rows = ~labelled if scheme == "case-control" else np.ones(len(labelled), dtype=np.bool_)
    return float(np.average(values[rows], weights=counts[rows]))


def mask(name: str, values: npt.ArrayLike) -> Mask:
    """The rows marked True, or 1, never used as an index; an InputError for any other value."""
    rows = _one_per_row(name, np.asarray(values))
    if rows.dtype == np.bool_:
        return rows
    found = f"an array of {rows.dtype}"
    if rows.dtype.kind in "iuf":
        bad = np.flatnonzero((rows != 0) & (rows != 1))
        if not len(bad):
            return np.asarray(rows == 1)
        found = f"{rows[bad[0]]} in row {bad[0]}"
    fix = f"Mark the positive rows by a comparison, such as {name} == 'yes', or == 1."
    raise InputError(name, "be an array of True and False, or of 1 and 0", found, fix)


def scores_of_rows(name: str, values: npt.ArrayLike) -> Figures:
    """One number per row; an InputError for a table, such as both columns of ``predict_proba``."""
    return np.asarray(_one_per_row(name, np.asarray(values)), dtype=np.float64)


def _one_per_row(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.ndim != 1:
        fix = "Pass the predict_proba column of the positive class."
        raise InputError(name, "have one value per row", f"an array of shape {values.shape}", fix)
    return values
