"""Several arrays of probabilities as one: their weighted mean, with weights that held-out labels choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.core.over_arrays import map_arrays
from dechaff.methods.label_evidence.mixture_weights import (
    CALIBRATION_ROWS,
    held_out_log_likelihood,
    likelihoods,
    mixture_weights,
)
from dechaff.typing import Chunk, Labels, Probs


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


def pooled_probs(runs: Sequence[Probs], labels: Labels) -> Probs:
    """One array of probabilities out of several models', the better ones weighing more.

    The weights of `mixture_weights`, unless on rows that did not choose them they explain the labels no better than
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
    (n, k) float, rows sum to 1
        The one array itself, not a copy, where a single one counts.

    Source
    ------
    Smyth, Wolpert (1999), Machine Learning 36. Measured in ``benchmarks/label_errors_evidence.py``.

    Examples
    --------
    >>> sure, unsure = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.6, 0.4], [0.3, 0.7]])
    >>> pooled_probs([sure, unsure], np.array([0, 1]))
    array([[0.9, 0.1],
           [0.1, 0.9]])
    """
    return pooled(runs, pool_weights(runs, labels))


def pool_weights(runs: Sequence[Probs], labels: Labels) -> npt.NDArray[np.float64]:
    """The weights of `pooled_probs`."""
    equal = np.full(len(runs), 1.0 / len(runs))
    if len(runs) == 1:
        return equal
    step = 1 + len(labels) // CALIBRATION_ROWS
    likelihood = likelihoods([run[::step] for run in runs], labels[::step])
    gain = held_out_log_likelihood(likelihood) - np.log(likelihood @ equal)
    return mixture_weights(runs, labels) if gain.sum() > 0 else equal


def pooled(runs: Sequence[Probs], weights: npt.NDArray[np.float64]) -> Probs:
    """The mean of the runs by weights that are given; a single run that has all the weight is handed back itself."""
    used = np.flatnonzero(weights > 0)
    if len(used) == 1:
        return runs[int(used[0])]
    probs: Probs = map_arrays(Pool(tuple(weights.tolist())), **{str(place): run for place, run in enumerate(runs)})
    return probs
