"""The true class of a row, given its label, the model's probabilities and the noise matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.exact_sum import whole_sum
from dechaff.core.fold import SumFold
from dechaff.core.kernels.row_posteriors import (
    POSTERIOR_STEPS,
    NearProbs,
    RowPosteriors,
    agreed,
    deconvolved,
    row_posteriors,
)
from dechaff.core.over_arrays import map_and_fold
from dechaff.methods.label_errors.local_calibration import LocalCalibration
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Numbers, Probs

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


_FAR = 20.0
_APART = 1e-4
"""Fraction of the model's own log-odds in ours: separates rows of probability 0 or 1."""
_LEAST_LOG = np.log(1e-9)
"""Of the probability of a given label."""


@dataclass(frozen=True)
class Blend:
    """How log-odds are put together from T and from the doubt in the given label, and made probabilities."""

    trust: float = 1.0
    """Weight of the posterior under T; the rest is that of the doubt."""
    rarity: ClassVector | None = None
    """(k,) added to the doubt in the labels of each class."""
    slope: float = 1.0
    shift: float = 0.0
    """Log-odds are multiplied by the first, and the second is added."""


@dataclass(frozen=True)
class RowEstimates:
    """The estimates for all rows, in order."""

    log_odds: Numbers
    """Of the label being wrong."""
    suggested: Labels
    """The most probable other class."""
    suggested_prob: Numbers
    """Its probability."""
    joint: ClassMatrix
    """Expected rows by given label and true class."""


@dataclass(frozen=True)
class PosteriorSums:
    """Posteriors added up, in steps of 2**-30."""

    joint: npt.NDArray[np.int64]
    """(k, k) under T, by given label and true class."""
    wrong: npt.NDArray[np.int64]
    """(k,) scores, by given label."""


@dataclass(frozen=True)
class NearErrorOdds:
    """Log-odds of label errors, from near classes; the fold adds up the posteriors by given label and true class."""

    power: float
    transition: ClassMatrix
    blend: Blend = Blend()
    steps: int = STEPS
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")
    keyed_by: ClassVar[str | None] = None

    def init(self) -> PosteriorSums:
        """No rows."""
        k = len(self.transition)
        return PosteriorSums(np.zeros((k, k), dtype=np.int64), np.zeros(k, dtype=np.int64))

    def update(self, state: PosteriorSums, chunk: Chunk) -> PosteriorSums:
        """Adds the chunk's posteriors."""
        return self.merge(state, self.rows_and_state(chunk)[1])

    def merge(self, left: PosteriorSums, right: PosteriorSums) -> PosteriorSums:
        """Adds the posteriors."""
        return PosteriorSums(whole_sum(left.joint, right.joint), whole_sum(left.wrong, right.wrong))

    def finalize(self, state: PosteriorSums) -> ClassMatrix:
        """Expected rows by given label and true class: as many wrong ones as the scores say, where T sees them."""
        joint: ClassMatrix = state.joint / POSTERIOR_STEPS
        rows, wrong = joint.sum(axis=1), state.wrong / POSTERIOR_STEPS
        others = np.maximum(rows - np.diagonal(joint), 1 / POSTERIOR_STEPS)
        joint *= (wrong / others)[:, None]
        np.fill_diagonal(joint, np.maximum(rows - wrong, 0.0))
        return joint

    def rows_and_state(self, chunk: Chunk) -> tuple[Chunk, PosteriorSums]:
        """The fields of `RowEstimates` for the chunk's rows, and their posteriors added up."""
        labels, k = chunk["labels"], len(self.transition)
        near = near_probs(self._near(chunk), k, self.power)
        found = row_posteriors(labels, near, entries_of(self.transition), steps=self.steps)
        log_odds = self._log_odds(found, labels, near)
        score = score_of(log_odds)
        answers = {
            "log_odds": log_odds,
            "suggested": found.suggested,
            "suggested_prob": np.minimum(score * found.suggested_prob / wrong_by_transition(found), score),
        }
        wrong = np.bincount(labels, weights=np.rint(score * POSTERIOR_STEPS), minlength=k)
        return answers, PosteriorSums(found.joint, wrong.astype(np.int64))

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        near: npt.NDArray[np.float32] = chunk["near"]
        return near

    def _log_odds(self, found: RowPosteriors, labels: Labels, near: NearProbs) -> Numbers:
        blend = self.blend
        log_odds = _logs(found.others) - _logs(found.given)
        if blend.trust < 1:
            log_odds *= blend.trust
            log_odds += (1 - blend.trust) * _doubt(labels, near, blend.rarity)
        log_odds = blend.slope * log_odds + blend.shift + _APART * found.lead
        return _within_reach(log_odds)


@dataclass(frozen=True)
class RowErrorOdds(NearErrorOdds):
    """The same, from probabilities as the model gave them."""

    calibration: LocalCalibration | None = None
    columns: ClassVar[tuple[str, ...]] = ("labels", "probs")

    def _near(self, chunk: Chunk) -> npt.NDArray[np.float32]:
        probs = chunk["probs"] if self.calibration is None else self.calibration.rows(chunk)
        return NearClasses(len(self.transition)).rows({"labels": chunk["labels"], "probs": probs})


def estimate_rows(odds: NearErrorOdds, **arrays: npt.NDArray[Any]) -> RowEstimates:
    """The estimates for the rows of these columns."""
    answers, joint = map_and_fold(odds, **arrays)
    return RowEstimates(**answers, joint=joint)


def score_of(log_odds: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Probabilities, without the import of scipy; log-odds that grow as a logarithm beyond 20 do not overflow.

    Examples
    --------
    >>> score_of(np.array([0.0]))
    array([0.5])
    """
    score: npt.NDArray[np.float64] = np.negative(log_odds)
    np.exp(score, out=score)
    score += 1
    return np.reciprocal(score, out=score)


def wrong_by_transition(found: RowPosteriors) -> npt.NDArray[np.float64]:
    """Probability under T that each label is wrong; above zero."""
    return np.asarray(1 / (1 + found.given / found.others.astype(np.float64)))


def _doubt(labels: Labels, near: NearProbs, rarity: ClassVector | None) -> Numbers:
    """Log-odds against each given label, by the probability as the model gave it and by its class."""
    own = np.where(near.classes == labels, near.logs, np.float32(0)).sum(axis=0).astype(np.float64)
    np.maximum(own, _LEAST_LOG, out=own)
    doubt = np.log(np.maximum(-np.expm1(own), np.exp(_LEAST_LOG))) - own
    return np.asarray(doubt if rarity is None else doubt + rarity[labels])


def _logs(values: npt.NDArray[np.float32]) -> Numbers:
    return np.asarray(np.log(values, dtype=np.float64))


def _within_reach(log_odds: Numbers) -> Numbers:
    """Log-odds beyond 20 grow as a logarithm, so that their probabilities still differ."""
    near = np.clip(log_odds, -_FAR, _FAR)
    beyond = np.flatnonzero(near != log_odds)
    far = log_odds[beyond]
    near[beyond] += np.copysign(np.log1p(np.abs(far) - _FAR), far)
    return near


_BINS, _MOST = 4096, 40.0


@dataclass(frozen=True)
class OddsCounts(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts rows by their log-odds, in bins of equal length; the last number adds up how probably labels
    are wrong under T."""

    odds: NearErrorOdds

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the odds."""
        return self.odds.columns

    def init(self) -> npt.NDArray[np.int64]:
        """No rows."""
        return np.zeros(_BINS + 1, dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        answers, sums = self.odds.rows_and_state(chunk)
        places = (answers["log_odds"] + _MOST) * (_BINS / (2 * _MOST))
        counts = np.bincount(np.clip(places, 0, _BINS - 1).astype(np.int64), minlength=_BINS)
        return self.merge(state, np.append(counts, sums.joint.sum() - np.trace(sums.joint)))

    def finalize(self, state: npt.NDArray[np.int64]) -> CountedOdds:
        """The counts."""
        return CountedOdds(state[:-1], float(state[-1] / POSTERIOR_STEPS / max(1, int(state[:-1].sum()))))


@dataclass(frozen=True)
class CountedOdds:
    """Rows by their log-odds."""

    counts: npt.NDArray[np.int64]
    rate: float
    """Mean probability under T that a label is wrong."""

    def shift(self, slope: float, rate: float) -> float:
        """What to add to log-odds multiplied by the slope, so that the mean of their probabilities is this rate."""
        odds = slope * ((np.arange(_BINS) + 0.5) * (2 * _MOST / _BINS) - _MOST)
        wanted, low, high = rate * self.counts.sum(), -2 * _MOST, 2 * _MOST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.counts @ score_of(odds + middle) < wanted else (low, middle)
        return (low + high) / 2


_HALVINGS = 50
