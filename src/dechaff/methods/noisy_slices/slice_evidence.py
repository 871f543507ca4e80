"""Evidence against the labels of a slice: how far they disagree with a model, and in which way they go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from dechaff.methods.noisy_slices.condition import Conditions
from dechaff.typing import Axes, ClassMatrix, Figures, Labels, Mask, Numbers, Probs, Rows

_LEAST_VARIANCE = 0.01
"""Floor of the variance of one agreement, so that one disagreement with a saturated model is not infinite."""

RULE_MARGIN = 0.1
"""By how much labels must be predicted better for a model to have learnt a rule of the slice."""


def agreement(labels: Labels, probs: Probs, rows: Rows) -> float:
    """How often the labels of some rows are the model's first choice."""
    return float((probs[rows].argmax(axis=1) == labels[rows]).mean())


def expected_agreement(labels: Labels, probs: Probs, *, among: Mask) -> Numbers:
    """How often labels agree with the model's first choice at this row's confidence.

    Isotonic regression of agreement on confidence over the rows ``among``, read off for every row. What is
    normal noise in the whole of the data is thereby expected everywhere; only what exceeds it counts.
    """
    from sklearn.isotonic import IsotonicRegression

    confidence = probs.max(axis=1)
    agrees = (probs.argmax(axis=1) == labels).astype(np.float64)
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    curve.fit(confidence[among], agrees[among])
    return np.asarray(curve.predict(confidence), dtype=np.float64)


def excess_disagreement(
    labels: Labels, probs: Probs, expected: Numbers, conditions: Conditions, *, among: Mask
) -> Figures:
    """z of every condition: labels that should agree with the model, by its confidence, and do not.

    On the rows of a slice the number of agreements is a sum of independent Bernoulli variables with chances
    ``e_i``, so ``z = sum(e_i - a_i) / sqrt(sum e_i (1 - e_i))`` is about standard normal where the slice is as
    good as the rest. Rows on which the model itself is unsure say little, so a slice along the boundary of two
    classes, hard but sound, does not stand out.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
    probs : (n, k) float, rows sum to 1
        Out-of-sample.
    expected : (n,) float in [0, 1]
        Expected agreement of every row.
    conditions : m conditions on the n rows
    among : (n,) bool
        The rows that count; others are left out of every slice.

    Returns
    -------
    (m,) float
        Higher = look at this slice first; about standard normal for a slice without noise.
    """
    agrees = probs.argmax(axis=1) == labels
    surprise = np.where(among, expected - agrees, 0.0)
    variance = np.where(among, np.maximum(expected * (1 - expected), _LEAST_VARIANCE), 0.0)
    sums = conditions.holds @ np.stack([surprise, variance], axis=1)
    return np.asarray(sums[:, 0] / np.sqrt(np.maximum(sums[:, 1], _LEAST_VARIANCE)), dtype=np.float64)


def critical_z(n_tests: int, *, level: float) -> float:
    """The z that the largest of ``n_tests`` sound slices exceeds with probability ``level`` (Bonferroni)."""
    from scipy.special import ndtri

    return float(-ndtri(level / max(n_tests, 1)))


def chance_above(z: float) -> float:
    """Probability that one slice without noise, chosen in advance, exceeds ``z``."""
    from scipy.special import ndtr

    return float(ndtr(-z))


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
