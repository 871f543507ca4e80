"""Any numbers as probabilities: a softmax, as sharp as the labels ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels, Probs

POWERS = tuple(float(2 ** (power / 4)) for power in range(-8, 5))
"""Powers of a model's probabilities, from a quarter to two."""
_LEAST = 1e-6


def fitted_softmax(
    values: npt.NDArray[np.float64], labels: Labels, *, sharpness: Sequence[float]
) -> tuple[Probs, float]:
    """The softmax of the values times the number of greatest likelihood, and the mean log-likelihood of the labels.

    Examples
    --------
    >>> probs, fit = fitted_softmax(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]), sharpness=[0.0, 1.0])
    >>> probs, round(fit, 2)
    (array([[0.5, 0.5],
           [0.5, 0.5]]), -0.69)
    """
    rows = np.arange(len(labels))
    best, best_fit = np.zeros_like(values), -np.inf
    for factor in sharpness:
        logits = factor * values
        logits = logits - logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        fit = float(logs[rows, labels].mean())
        if fit > best_fit:
            best, best_fit = np.exp(logs), fit
    return best, best_fit


def tempered(probs: Probs, labels: Labels) -> Probs:
    """Probabilities made as sure as the labels allow."""
    logs = np.log(np.maximum(probs.astype(np.float64, copy=False), _LEAST))
    return fitted_softmax(logs, labels, sharpness=POWERS)[0]
