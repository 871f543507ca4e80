"""Several models as one: a weighted mean of their probabilities, with weights that the given labels choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.models.model import Bound, Codes, Probabilities

_ROUNDS = 200
_LEAST = 1e-9


@dataclass(frozen=True)
class Mixture:
    """A FitPredict that trains every member and adds up their probabilities by ``weights`` (sum 1)."""

    members: tuple[Bound, ...]
    weights: tuple[float, ...]

    def __call__(self, fit_rows: Codes, fit_codes: Codes, predict_rows: Codes) -> Probabilities:
        """Probabilities (m, k) of `predict_rows`; members without weight are not trained."""
        parts = [
            weight * member(fit_rows, fit_codes, predict_rows)
            for member, weight in zip(self.members, self.weights, strict=True)
            if weight > 0
        ]
        return np.asarray(np.sum(parts, axis=0))


def mixture_weights(runs: Sequence[Probabilities], codes: Codes) -> npt.NDArray[np.float64]:
    """Weights of the mixture under which labels that the models have not seen are most likely.

    EM for the mixing weights alone: ``w_m <- mean_i w_m p_m(y_i) / sum_l w_l p_l(y_i)``. The likelihood is concave
    in the weights, so the start does not matter. Weights below one per cent are set to 0.

    Parameters
    ----------
    runs : m arrays (n, k)
        Out-of-sample probabilities of every model.
    codes : (n,) int, 0 … k-1

    Returns
    -------
    (m,) float, sum 1

    Examples
    --------
    >>> good, poor = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.1, 0.9], [0.9, 0.1]])
    >>> mixture_weights([good, poor], np.array([0, 1]))
    array([1., 0.])
    """
    likelihood = np.stack([run[np.arange(len(codes)), codes] for run in runs], axis=1) + _LEAST
    weights = np.full(len(runs), 1.0 / len(runs))
    for _ in range(_ROUNDS):
        shares = likelihood * weights
        weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    weights = np.where(weights < 0.01, 0.0, weights)
    return np.asarray(weights / weights.sum())
