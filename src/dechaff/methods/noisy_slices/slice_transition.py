"""The label transition inside one slice, and its kind: random, swapped, or partly wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from dechaff.typing import Axes, ClassMatrix

SliceLabels = Annotated[npt.NDArray[np.int64], Axes("m")]
SliceProbs = Annotated[npt.NDArray[np.float64], Axes("m k")]
Nature = Literal["random", "swapped", "partly wrong"]
_ROUNDS = 100
_PRIOR_COUNT = 0.5
_RANDOM_INFORMATION = 0.12
_SWAPPED_CORRECT = 0.35


@dataclass(frozen=True)
class SliceTransition:
    """``transition[i, j]`` = p(given i | true j) inside the slice; ``posterior`` (m, k) of the true class."""

    transition: ClassMatrix
    posterior: SliceProbs
    noise_rate: float
    information: float
    nature: Nature


def slice_transition(labels: SliceLabels, probs: SliceProbs) -> SliceTransition:
    """EM for the transition of a slice, given a model that was trained without it.

    The model says ``q_j(x)`` = p(true = j | x); the given label is a second, unreliable witness with its own
    confusion matrix T. E-step: ``p(true = j | x, given = i) ∝ T[i, j] q_j(x)``; M-step: T from the sums of the
    posteriors by given label, with half a count in every cell. The labels are *random* where T tells nearly
    nothing about the true class (mutual information below 12 % of the entropy of the true class), *swapped*
    where it tells something but is mostly wrong, else *partly wrong*.

    Parameters
    ----------
    labels : (m,) int, 0 … k-1
        Given labels of the rows of the slice.
    probs : (m, k) float, rows sum to 1
        Of a model that was trained without these rows.

    Source
    ------
    Dawid, Skene (1979), Applied Statistics 28(1), with one annotator and the model in place of the prior.

    Examples
    --------
    >>> q = np.array([[0.95, 0.05], [0.05, 0.95]] * 20)
    >>> slice_transition(np.array([1, 0] * 20), q).nature
    'swapped'
    """
    k = probs.shape[1]
    transition = np.full((k, k), 0.5 / k) + 0.5 * np.eye(k)
    for _ in range(_ROUNDS):
        posterior = _posterior(labels, probs, transition)
        counts = np.full((k, k), _PRIOR_COUNT)
        np.add.at(counts, labels, posterior)
        updated = counts / counts.sum(axis=0)
        moved = np.abs(updated - transition).max()
        transition = updated
        if moved < 1e-6:
            break
    posterior = _posterior(labels, probs, transition)
    correct = float(posterior[np.arange(len(labels)), labels].mean())
    information = _relative_information(transition, posterior.mean(axis=0))
    return SliceTransition(transition, posterior, 1 - correct, information, _nature(information, correct))


def _posterior(labels: SliceLabels, probs: SliceProbs, transition: ClassMatrix) -> SliceProbs:
    weight = transition[labels] * probs
    return np.asarray(weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300))


def _relative_information(transition: ClassMatrix, prior: ClassMatrix) -> float:
    joint = np.maximum(transition * prior, 1e-300)
    given = joint.sum(axis=1, keepdims=True)
    true = joint.sum(axis=0, keepdims=True)
    entropy = -float((true * np.log(true)).sum())
    return float((joint * np.log(joint / (given * true))).sum()) / max(entropy, 1e-12)


def _nature(information: float, correct: float) -> Nature:
    if information < _RANDOM_INFORMATION:
        return "random"
    return "swapped" if correct < _SWAPPED_CORRECT else "partly wrong"
