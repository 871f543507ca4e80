"""The true class of a row, given its label, the model's probabilities and the noise matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import whole_sum
from dechaff.core.kernels.row_posteriors import (
    POSTERIOR_STEPS,
    NearProbs,
    RowPosteriors,
    agreed,
    deconvolved,
    row_posteriors,
)
from dechaff.core.over_arrays import map_and_fold
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.typing import Chunk, ClassMatrix, Labels, Mask, Numbers, Probs

STEPS, STEPS_OF_PROBS = 8, 14
"""Of deconvolution, every other one twice as long. More steps fit the error of T, which is smaller if T is a mean of
probabilities."""
_LEAST_ENTRY = np.float32(1e-9)


def noise_posterior(labels: Labels, probs: Probs, *, transition: ClassMatrix) -> Probs:
    """Probability of each true class of each row, after its given label has been taken into account.

    A model trained on noisy labels predicts the *given* label, ``p(x) = T q(x)``. The deconvolution finds the q(x) that
    explains p(x), starting from a uniform q; Bayes' rule then adds the row's own label: ``p(true = j | x, given = i)``
    is proportional to ``T[i, j] q_j(x)``. Of many classes only the seven most probable, or six and the given one, can
    be the true one.

    Parameters
    ----------
    labels, probs
        As in `confident_joint`, with its errors; probabilities of a model trained on these labels, made calibrated by
        `sharpened`.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.

    Returns
    -------
    (n, k) float, rows sum to 1
        One minus the entry of the given label is the probability that the label is wrong.

    Source
    ------
    Richardson (1972), JOSA 62, and Lucy (1974), AJ 79, for the deconvolution, stopped early as regularisation. Differs:
    every other step is squared, the classes left out are one. Started from the estimated prior instead of a uniform q
    it lost .08 of average precision if a class had been estimated away.

    Examples
    --------
    The model says .8, the most it can say when a fifth of the labels are wrong, and the label disagrees:

    >>> noisy = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> noise_posterior(np.array([1]), np.array([[0.8, 0.2]]), transition=noisy).round(1)
    array([[0.9, 0.1]])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return dense_posterior(labels, probs, transition, power=1.0)


def dense_posterior(
    labels: Labels, probs: Probs, transition: ClassMatrix, *, power: float, steps: int = STEPS
) -> Probs:
    """`noise_posterior` of probabilities that are raised to a power first."""
    k, entries = len(transition), entries_of(transition)
    near = near_probs(NearClasses(k).rows({"labels": labels, "probs": probs}), k, power)
    true = deconvolved(near, entries, brief=agreed(labels, near), steps=steps)
    return _dense(near, true * entries.take(labels * k + near.classes), k)


def dense_true_probs(probs: Probs, transition: ClassMatrix, *, power: float, steps: int) -> Probs:
    """q(x): the model's distribution of the true class, before the given label is used; 0 beyond the near classes."""
    k, no_row = len(transition), np.zeros(len(probs), dtype=bool)
    near = near_probs(NearClasses(k).rows({"labels": probs.argmax(axis=1), "probs": probs}), k, power)
    return _dense(near, deconvolved(near, entries_of(transition), brief=no_row, steps=steps), k)


def entries_of(transition: ClassMatrix) -> npt.NDArray[np.float32]:
    """T in single precision, with no zero."""
    return np.maximum(transition, _LEAST_ENTRY, dtype=np.float32)


def _dense(near: NearProbs, some: npt.NDArray[np.float32], k: int) -> Probs:
    dense, shares = np.zeros((some.shape[1], k)), some.astype(np.float64)
    dense[np.arange(len(dense)), near.classes] = shares / shares.sum(axis=0)
    return dense


MARGIN_WEIGHT = 8.0
"""Log-odds that a margin of one is worth."""
_FAR = 20.0
_APART = 1e-4
"""Fraction of the model's own log-odds in ours: separates rows of probability 0 or 1."""


@dataclass(frozen=True)
class RowEstimates:
    """The estimates for all rows, in order."""

    log_odds: Numbers
    """Of the label being wrong."""
    suggested: Labels
    """The most probable other class."""
    suggested_prob: Numbers
    """Its probability."""
    doubted: Mask
    """Whether the model itself prefers another class than the given one."""
    joint: ClassMatrix
    """Expected rows by given label and true class."""


@dataclass(frozen=True)
class NearErrorOdds:
    """Log-odds of label errors, from near classes; the fold adds up the posteriors by given label and true class.

    `by_margin` is how far the ranking goes by the plain margin of the model's probabilities, where T says little.
    """

    power: float
    transition: ClassMatrix
    by_margin: float = 0.0
    steps: int = STEPS
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; (k, k) steps of 2**-30."""
        return np.zeros(self.transition.shape, dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Adds the chunk's posteriors."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def merge(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Adds the posteriors."""
        return whole_sum(left, right)

    def finalize(self, state: npt.NDArray[np.int64]) -> ClassMatrix:
        """Expected rows by given label and true class."""
        return state / POSTERIOR_STEPS

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, npt.NDArray[np.int64]]:
        """The fields of `RowEstimates` for the chunk's rows, and their posteriors added up."""
        labels, k = chunk["labels"], len(self.transition)
        near, entries = near_probs(self._near(chunk), k, self.power), entries_of(self.transition)
        found = row_posteriors(labels, near, entries, steps=self.steps)
        answers = {
            "log_odds": self._log_odds(found),
            "suggested": found.suggested,
            "suggested_prob": found.suggested_prob,
            "doubted": near.classes[0] != labels,
        }
        return answers, found.joint

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        near: npt.NDArray[np.float32] = chunk["near"]
        return near

    def _log_odds(self, found: RowPosteriors) -> Numbers:
        log_odds = _logs(found.others) - _logs(found.given)
        if self.by_margin:
            log_odds = (1 - self.by_margin) * log_odds + self.by_margin * MARGIN_WEIGHT * found.margin
        log_odds += _APART * found.lead
        return _within_reach(log_odds)


@dataclass(frozen=True)
class RowErrorOdds(NearErrorOdds):
    """The same, from probabilities as the model gave them."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        return NearClasses(len(self.transition)).rows(chunk)


def estimate_rows(odds: NearErrorOdds, **arrays: npt.NDArray[Any]) -> RowEstimates:
    """The estimates for the rows of these columns."""
    answers, joint = map_and_fold(odds, **arrays)
    return RowEstimates(**answers, joint=joint)


def _logs(values: npt.NDArray[np.float32]) -> Numbers:
    return np.asarray(np.log(values, dtype=np.float64))


def _within_reach(log_odds: Numbers) -> Numbers:
    """Log-odds beyond 20 grow as a logarithm, so that their probabilities still differ."""
    near = np.clip(log_odds, -_FAR, _FAR)
    beyond = np.flatnonzero(near != log_odds)
    far = log_odds[beyond]
    near[beyond] += np.copysign(np.log1p(np.abs(far) - _FAR), far)
    return near
