"""How much each model of an ensemble counts, in the ways that cleanlab knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from dechaff.typing import Labels, Probs

Weights = npt.NDArray[np.float64]
EnsembleWeights = Callable[[Labels, Sequence[Probs]], Weights]

_LEAST_OF_A_MEMBER = 1e-6
_LEAST = float(np.finfo(np.float64).eps)


def uniform_weights(labels: Labels, members: Sequence[Probs]) -> Weights:
    """Every model counts the same."""
    return np.full(len(members), 1 / len(members))


def accuracy_weights(labels: Labels, members: Sequence[Probs]) -> Weights:
    """By the share of given labels that the model predicts; all the same where no model predicts any."""
    accuracy = np.array([(probs.argmax(axis=1) == labels).mean() for probs in members])
    return accuracy / accuracy.sum() if accuracy.sum() > 0 else uniform_weights(labels, members)


def log_loss_weights(labels: Labels, members: Sequence[Probs], sharpness: Sequence[float]) -> Weights:
    """By ``exp(-t · log loss)``, with the t of `sharpness` whose weighted mean fits the given labels best."""
    losses = np.array([_log_loss(labels, _above_zero(probs), _LEAST_OF_A_MEMBER) for probs in members])
    candidates = [_shares(-t * losses) for t in sharpness]
    means = (sum(w * probs for w, probs in zip(weights, members, strict=True)) for weights in candidates)
    return candidates[int(np.argmin([_log_loss(labels, np.asarray(mean), _LEAST) for mean in means]))]


def _above_zero(probs: Probs) -> Probs:
    clipped = np.maximum(probs, _LEAST_OF_A_MEMBER)
    return np.asarray(clipped / clipped.sum(axis=1, keepdims=True))


def _shares(logs: npt.NDArray[np.float64]) -> Weights:
    # The largest is taken off first: exp(-200 · loss) of every model may be 0.
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _log_loss(labels: Labels, probs: Probs, least: float) -> float:
    given = probs[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(given, least)).mean())
