"""A model's probabilities made as sure or unsure as people's answers say that it should be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dechaff.methods.consensus.crowdlab import Answers
from dechaff.typing import Probs

_TINY = 1e-300
_LEAST, _MOST = 0.1, 10.0
"""Temperatures beyond these say that answers and model have nothing to do with each other."""


def temperature_by_answers(answers: Answers, probs: Probs) -> float:
    """What to divide log-probabilities by, so that the shares of people's answers become most probable.

    Parameters
    ----------
    answers : (n, m) int, 0 … k-1, or -1 where a person gave none
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities.

    Returns
    -------
    float from .1 to 10
        Above 1 = the model is too sure.

    Source
    ------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, ICML; soft labels in place of hard
    ones as in Goh, Mueller (2023), ActiveLab.

    Examples
    --------
    >>> answers = np.array([[0, 0, 0, 1]] * 3 + [[1, 1, 1, 0]] * 3)
    >>> sure = np.repeat([[0.9, 0.1], [0.1, 0.9]], 3, axis=0)
    >>> round(temperature_by_answers(answers, sure), 2)
    2.0
    """
    from scipy.optimize import minimize_scalar

    votes = np.stack([(answers == code).sum(axis=1) for code in range(probs.shape[1])], axis=1)
    shares = votes / votes.sum(axis=1, keepdims=True)

    def loss(log_temperature: float) -> float:
        fitted = at_temperature(probs, float(np.exp(log_temperature)))
        return float(-(shares * np.log(np.maximum(fitted, _TINY))).sum(axis=1).mean())

    best = minimize_scalar(loss, bounds=(np.log(_LEAST), np.log(_MOST)), method="bounded")
    return float(np.exp(best.x))


def at_temperature(probs: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """(…, k) probabilities whose logarithms were divided by the temperature; rows sum to one again."""
    logits = np.log(np.maximum(probs, _TINY)) / temperature
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
