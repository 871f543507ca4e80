"""Several arrays of probabilities as one: their weighted mean, with weights that held-out labels choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.over_arrays import map_arrays
from dechaff.typing import Chunk, Labels, Probs

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

    Parameters and result as in `pool_weights`.

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


@dataclass(frozen=True)
class Pool:
    """Row map: the mean of the columns ``0``, ``1`` … by ``weights`` (sum 1); sources without weight are not read."""

    weights: tuple[float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the sources that count."""
        return tuple(str(place) for place, weight in enumerate(self.weights) if weight > 0)

    def rows(self, chunk: Chunk) -> Probs:
        """(n, k) the weighted mean."""
        parts = (self.weights[int(name)] * chunk[name].astype(np.float64, copy=False) for name in self.columns)
        kind = np.result_type(*(chunk[name] for name in self.columns))  # float32 in, float32 out
        return np.asarray(sum(parts), dtype=kind)


def pool_weights(runs: Sequence[Probs], labels: Labels) -> npt.NDArray[np.float64]:
    """Weights for one array of probabilities out of several models', the better ones weighing more.

    Those of `mixture_weights`, unless on rows that did not choose them they explain the labels no better than
    equal weights do; then equal weights. A mean of probabilities, not of their logarithms: that did no better on
    average and, with one over-sure model among them, worse.

    Parameters
    ----------
    runs : m arrays (n, k)
        Out-of-sample probabilities of every model.
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.

    Returns
    -------
    (m,) float, sum 1

    Source
    ------
    Smyth, Wolpert (1999), Machine Learning 36. Measured in ``benchmarks/label_errors_evidence.py``.

    Examples
    --------
    >>> sure, unsure = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.6, 0.4], [0.3, 0.7]])
    >>> pool_weights([sure, unsure], np.array([0, 1]))
    array([1., 0.])
    """
    equal = np.full(len(runs), 1.0 / len(runs))
    if len(runs) == 1:
        return equal
    step = 1 + len(labels) // CALIBRATION_ROWS
    likelihood = likelihoods([run[::step] for run in runs], labels[::step])
    gain = held_out_log_likelihood(likelihood) - np.log(likelihood @ equal)
    return mixture_weights(runs, labels) if gain.sum() > 0 else equal


def pooled(runs: Sequence[Probs], weights: npt.NDArray[np.float64]) -> Probs:
    """The mean of the runs by weights (m,); a single run that has all the weight is handed back itself."""
    used = np.flatnonzero(weights > 0)
    if len(used) == 1:
        return runs[int(used[0])]
    probs: Probs = map_arrays(Pool(tuple(weights.tolist())), **{str(place): run for place, run in enumerate(runs)})
    return probs
