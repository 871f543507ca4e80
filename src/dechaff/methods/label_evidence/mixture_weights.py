"""How far to believe each of several models: weights under which labels that they have not seen are likeliest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels, Probs

CALIBRATION_ROWS = 100_000
"""Rows, evenly spaced, that fit the weights: a handful of numbers needs no more."""
LEAST_WEIGHT = 0.01
_ROUNDS = 200
_LEAST = 1e-9

Likelihood = npt.NDArray[np.float64]
"""(n, m) probability that each of m sources gave the given label of each row."""


def mixture_weights(runs: Sequence[Probs], labels: Labels) -> npt.NDArray[np.float64]:
    """Weights of the mixture of models under which labels that the models have not seen are most likely.

    EM for the mixing weights alone: ``w_m <- mean_i w_m p_m(y_i) / sum_l w_l p_l(y_i)``. The likelihood is concave
    in the weights, so the start does not matter. Weights below one per cent are set to 0. Above 100,000 rows,
    evenly spaced ones speak for all.

    Parameters as in `pooled_probs`.

    Returns
    -------
    (m,) float, sum 1

    Source
    ------
    Smyth, Wolpert (1999), Linearly combining density estimators via stacking, Machine Learning 36. Differs: the
    densities are class probabilities.

    Examples
    --------
    >>> good, poor = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.1, 0.9], [0.9, 0.1]])
    >>> mixture_weights([good, poor], np.array([0, 1]))
    array([1., 0.])
    """
    step = 1 + len(labels) // CALIBRATION_ROWS
    weights = weights_of(likelihoods([run[::step] for run in runs], labels[::step]))
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    return np.asarray(weights / weights.sum())


def likelihoods(runs: Sequence[Probs], labels: Labels) -> Likelihood:
    """What each source gives the given label of each row; never quite 0."""
    rows = np.arange(len(labels))
    return np.stack([run[rows, labels] for run in runs], axis=1).astype(np.float64) + _LEAST


def weights_of(likelihood: Likelihood) -> npt.NDArray[np.float64]:
    """The (m,) weights of greatest likelihood; equal where there are no rows."""
    weights = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    for _ in range(_ROUNDS if len(likelihood) else 0):
        shares = likelihood * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights


def held_out_log_likelihood(likelihood: Likelihood) -> npt.NDArray[np.float64]:
    """(n,) log-likelihood of each row under weights that the other half of the rows has chosen."""
    second = np.arange(len(likelihood)) % 2 == 1
    logs = np.empty(len(likelihood))
    for half in (second, ~second):
        logs[half] = np.log(likelihood[half] @ weights_of(likelihood[~half]))
    return logs
