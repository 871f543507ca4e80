"""Some rows looked at with what was learned from all: their true classes, and other labels that they might carry."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs, check_probs
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.methods.label_errors.noise_posterior import (
    RowErrorOdds,
    RowEstimates,
    dense_posterior,
    dense_true_probs,
    estimate_rows,
    score_of,
)
from dechaff.typing import Axes, Figures

SomeLabels = Annotated[npt.NDArray[np.int64], Axes("m")]
SomeProbs = Annotated[npt.NDArray[np.float64], Axes("m k")]


def posterior_of(estimates: LabelErrorEstimates, labels: SomeLabels, probs: SomeProbs) -> SomeProbs:
    """p(true class | row, given label) of the rows passed, by what was learned from all rows.

    Parameters
    ----------
    estimates : LabelErrorEstimates
        Of the whole data set.
    labels : (m,) int, 0 … k-1
        Given labels of some rows, the same or new ones.
    probs : (m, k) float, rows sum to 1
        Out-of-sample probabilities of these rows.

    Returns
    -------
    (m, k) float, rows sum to 1

    Raises
    ------
    InputError
        As `estimate_label_errors`.

    Source
    ------
    `noise_posterior`.

    Examples
    --------
    >>> from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = estimate_label_errors(labels, probs)
    >>> posterior_of(found, labels[:1], probs[:1]).round(1)
    array([[1., 0.]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    posterior = dense_posterior(
        labels,
        calibrated_for(estimates, labels, probs),
        estimates.transition,
        power=1 / estimates.temperature,
        steps=estimates.steps,
    )
    score, own = score_of(_row_estimates(estimates, labels, probs).log_odds), (np.arange(len(labels)), labels)
    posterior[own] = 0.0
    posterior *= (score / posterior.sum(axis=1))[:, None]
    posterior[own] = 1 - score
    return posterior


def error_odds_of(estimates: LabelErrorEstimates, labels: SomeLabels, probs: SomeProbs) -> tuple[Figures, SomeLabels]:
    """Log-odds and suggestions of the rows passed, by what was learned from all rows.

    Parameters and errors as in `posterior_of`; the labels may be others than the given ones.

    Returns
    -------
    log_odds : (m,) float
        Of each label being wrong.
    suggested : (m,) int
        Most probable other class.

    Source
    ------
    As `estimate_label_errors`.

    Examples
    --------
    >>> from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = estimate_label_errors(labels, probs)
    >>> log_odds, suggested = error_odds_of(found, labels[:1], probs[:1])
    >>> bool(np.isclose(log_odds[0], found.log_odds[0])), suggested
    (True, array([0]))
    """
    found = _row_estimates(estimates, *check_labels_and_probs(labels, probs))
    return found.log_odds, found.suggested


def calibrated_for(estimates: LabelErrorEstimates, labels: SomeLabels, probs: SomeProbs) -> SomeProbs:
    """Probabilities as the estimates use them, before any temperature; those that came in, if they are used as such."""
    found = estimates.calibration
    return probs if found is None else found.rows({"labels": labels, "probs": probs})


def _row_estimates(estimates: LabelErrorEstimates, labels: SomeLabels, probs: SomeProbs) -> RowEstimates:
    odds = RowErrorOdds(
        1 / estimates.temperature,
        estimates.transition,
        estimates.blend,
        estimates.steps,
        estimates.calibration,
    )
    return estimate_rows(odds, labels=labels, probs=probs)


def true_probs_of(estimates: LabelErrorEstimates, probs: SomeProbs) -> SomeProbs:
    """p(true class | row) of the rows passed, by what was learned from all rows, before any label is used.

    Parameters and errors as in `posterior_of`.

    Returns
    -------
    (m, k) float, rows sum to 1
        0 beyond the seven most probable classes of a row.

    Source
    ------
    `noise_posterior`.

    Examples
    --------
    >>> from dechaff.methods.label_errors.label_error_estimates import estimate_label_errors
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> true_probs_of(estimate_label_errors(labels, probs), probs[:1]).round(1)
    array([[1., 0.]])
    """
    power = 1 / estimates.temperature
    probs = check_probs(probs)
    probs = probs if estimates.calibration is None else estimates.calibration.joined(probs)
    return dense_true_probs(probs, estimates.transition, power=power, steps=estimates.steps)
