"""Labels drawn at random: the fraction of labels that are uniform over the classes.

A weak model's own errors fall on the classes that it confuses; a label drawn at random may be any class, also one of
very low probability. So, unlike the noise on a plateau, this fraction is not inflated by overlapping classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.fold import SumFold
from dechaff.core.kernels.row_posteriors import NearProbs
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.methods.label_errors.noise_readings import soft_step
from dechaff.typing import Chunk, ClassVector, Labels, Probs

_LOWEST = -24.0
"""Of the log-probability of a given label."""
_START, _MOST_ROUNDS, _SETTLED = 0.05, 30, 1e-7


@dataclass(frozen=True)
class UniformFraction:
    """The maximum-likelihood fraction."""

    log_likelihood: float
    share: float
    """Fraction of labels drawn uniformly."""
    information: float
    """One over the variance of the fraction."""


def counted(probs: npt.NDArray[np.float32], n_bins: int) -> npt.NDArray[np.int64]:
    """Rows by the log-probability of their given label, in bins from e**-24 to 1."""
    return np.bincount(bins_of(probs, n_bins), minlength=n_bins)


def bins_of(probs: npt.NDArray[np.float32], n_bins: int) -> npt.NDArray[np.int64]:
    """The bin of each row."""
    logs = np.log(np.maximum(probs, np.exp(_LOWEST), dtype=np.float64))
    return np.asarray(np.minimum(((logs - _LOWEST) * (n_bins / -_LOWEST)).astype(np.int64), n_bins - 1))


def middle_of(bins: Any, n_bins: int) -> Any:
    """The probability in the middle of these bins."""
    return np.exp(_LOWEST * (1 - (bins + 0.5) / n_bins))


def uniform_fraction(counts: npt.NDArray[Any], n_classes: int) -> UniformFraction:
    """The fraction of maximum likelihood: the log-likelihood is concave, so Newton's method finds it."""
    seen = np.flatnonzero(counts)
    given = middle_of(seen, len(counts))
    gap, rows, share, information = 1 / n_classes - given, counts[seen], _START, 1e-12
    for _ in range(_MOST_ROUNDS):
        pulls = gap / (given + share * gap)
        information = max(float(rows @ pulls**2), 1e-12)
        moved = share + float(rows @ pulls) / information
        share, last = float(np.clip(moved, share / 4, (1 + share) / 2)), share
        if abs(share - last) <= _SETTLED:
            break
    return UniformFraction(float(rows @ np.log(given + share * gap)), share, information)


FEW = 0.1
"""Fraction of the rows whose least probable class may be below the model's own floor."""
OVERLAP = 0.25
"""Fraction of the joint's noise that may appear as a floor if all classes overlap."""
SHARPER = (1.0, 1.15, 1.35, 1.6, 2.0, 2.6)
"""Powers tried: a temperature fitted on random labels is too high for the other labels."""
_BINS = 1024
_TINY = np.float32(1e-30)


@dataclass(frozen=True)
class UniformNoise:
    """Fractions of labels that are wrong by a uniform draw."""

    unforeseen: float
    """Draws visible in the labels but not in the probabilities."""
    foreseen: float
    """Draws visible in the probabilities: the floor of the least probable class."""
    sharper: float = 1.0
    """Power of maximum likelihood, given the draw."""

    def rate(self, joint_rate: float) -> float:
        """The fraction, given the noise rate of the joint."""
        return max(self.unforeseen, self.foreseen - OVERLAP * joint_rate)

    def symmetric_rate(self, joint_rate: float) -> float:
        """Rate of symmetric noise: midway between the draw and the joint's, which overlapping classes raise.

        A draw that the model has learned is estimated by the floor alone, which is a lower bound.
        """
        known = self.unforeseen >= self.rate(joint_rate)
        return (self.unforeseen + joint_rate) / 2 if known else joint_rate


NOT_DRAWN = UniformNoise(0.0, 0.0)
"""Used if no draw can be estimated, for example with two classes."""


@dataclass(frozen=True)
class GivenLogs(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts rows by the log-probability of their given label, for each power of `SHARPER`, and of their
    least probable class."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; one histogram a power, and one."""
        return np.zeros((len(SHARPER) + 1, _BINS), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        k, near = self.n_classes, near_probs(chunk["near"], self.n_classes, self.power)
        own = (near.classes == chunk["labels"]).argmax(axis=0)
        logs = np.log(np.maximum(near.probs, _TINY))
        rest = np.log(np.maximum(near.rest / max(k - len(logs), 1), _TINY))
        values = [_given(logs, rest, own, sharper, k) for sharper in SHARPER]
        return self.merge(state, np.stack([counted(some, _BINS) for some in (*values, _least(near, k))]))

    def finalize(self, state: npt.NDArray[np.int64]) -> UniformNoise:
        """The fraction at the power of maximum likelihood."""
        if not state.any():
            return NOT_DRAWN
        wrong = 1 - 1 / self.n_classes
        drawn = [uniform_fraction(counts, self.n_classes) for counts in state[:-1]]
        best = max(range(len(SHARPER)), key=lambda at: drawn[at].log_likelihood)
        few = int((state[-1].cumsum() > FEW * state[-1].sum()).argmax())
        floor = min(1.0, float(middle_of(few, _BINS)) * self.n_classes)
        return UniformNoise(drawn[best].share * wrong, floor * wrong, SHARPER[best])


def _given(
    logs: npt.NDArray[np.float32], rest: npt.NDArray[np.float32], own: npt.NDArray[np.intp], sharper: float, k: int
) -> npt.NDArray[np.float32]:
    """Probability of the given label, of probabilities raised to a power."""
    raised = np.exp(np.float32(sharper) * logs)
    others = (k - len(logs)) * np.exp(np.float32(sharper) * rest)
    given: npt.NDArray[np.float32] = np.take_along_axis(raised, own[None], axis=0)[0]
    return np.asarray(given / (raised.sum(axis=0) + others))


def _least(near: NearProbs, n_classes: int) -> npt.NDArray[np.float32]:
    """Probability of the least probable class; of those that are not near, the mean."""
    others = n_classes - len(near.probs)
    return np.asarray(near.rest / others if others else near.probs.min(axis=0))


def uniform_noise(labels: Labels, probs: Probs) -> UniformNoise:
    """Fractions of labels that are wrong by a uniform draw among the classes, however weak the model is.

    The maximum-likelihood mixture of the model's probabilities, made somewhat sharper, and a uniform label. It does not
    detect noise that prefers some classes. With two classes, a draw and an overlap look the same.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    UniformNoise
        The two do not add up: a model that has learned the draw leaves nothing unforeseen.

    Source
    ------
    This library. The lapse rate of Wichmann, Hill (2001), Perception & Psychophysics 63, 1293–1313, fitted there to
    answers given without attention, applied to labels.

    Examples
    --------
    The model nearly rules class 1 and 2 out, but a tenth of the rows carry these labels; it may have meant some:

    >>> probs = np.repeat([[0.98, 0.01, 0.01]], 1000, axis=0)
    >>> labels = np.repeat([0, 1, 2], [900, 50, 50])
    >>> 0.08 < uniform_noise(labels, probs).unforeseen <= 0.1
    True
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    near = map_arrays(NearClasses(k), labels=labels, probs=probs)
    found: UniformNoise = over_arrays(labels=labels, near=near)(GivenLogs(k, 1.0))
    return found


DIFFERENT = (0.3, 0.6)
"""Spread of the fractions over the classes, relative to their mean: up to the first all classes share one fraction,
from the second on each has its own. Overlapping classes alone cause a spread of up to a third."""
_ALIKE_ROWS = 50.0
"""Weight of all rows in the fraction of a class, as a number of its rows."""
_CLASS_BINS, _MOST_BINS, _FEWEST_BINS = 1024, 2**17, 32


@dataclass(frozen=True)
class ClassDraws:
    """How draws spread over the classes."""

    shares: ClassVector
    """(k,) of the rows that the model gives each class, those whose label was drawn."""
    rows: npt.NDArray[np.int64]
    """(k,) these rows."""
    variances: ClassVector
    """(k,) of the shares, by chance."""

    def spread(self) -> float:
        """Standard deviation of the fractions over the rows, beyond chance, relative to their mean."""
        n = max(int(self.rows.sum()), 1)
        mean = float(self.rows @ self.shares) / n
        variance = float(self.rows @ ((self.shares - mean) ** 2 - self.variances)) / n
        return float(np.sqrt(max(variance, 0.0))) / mean if mean > 0 else 0.0

    def relative(self) -> ClassVector:
        """(k,) each fraction relative to the mean, as far as they differ; 1 if they do not."""
        mean = float(self.rows @ self.shares) / max(int(self.rows.sum()), 1)
        differ = soft_step(self.spread(), *DIFFERENT)
        return np.asarray(1 + differ * (self.shares / mean - 1)) if differ else np.ones(len(self.shares))


@dataclass(frozen=True)
class GivenLogsByClass(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts rows by their most probable class and by the log-probability of their given label."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; one histogram per class, coarser if there are many classes."""
        return np.zeros(
            (self.n_classes, min(_CLASS_BINS, max(_FEWEST_BINS, _MOST_BINS // self.n_classes))), dtype=np.int64
        )

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        near, n_bins = near_probs(chunk["near"], self.n_classes, self.power), state.shape[1]
        given = np.where(near.classes == chunk["labels"], near.probs, 0).sum(axis=0)
        cells = near.classes[0] * n_bins + bins_of(given, n_bins)
        return state + np.bincount(cells, minlength=state.size).reshape(state.shape)

    def finalize(self, state: npt.NDArray[np.int64]) -> ClassDraws:
        """The most likely fractions, shrunk towards that of all rows."""
        rows = state.sum(axis=1)
        like_all = _ALIKE_ROWS * state.sum(axis=0) / max(int(rows.sum()), 1)
        found = [uniform_fraction(counts + like_all, self.n_classes) for counts in state] if rows.any() else []
        shares, variances = (
            np.array(some or np.zeros(self.n_classes))
            for some in ([one.share for one in found], [1 / one.information for one in found])
        )
        return ClassDraws(shares, rows, variances)


def class_draws(labels: Labels, probs: Probs) -> ClassDraws:
    """Fraction of labels that are wrong by a uniform draw, per predicted class.

    As `uniform_noise`, among the rows that the model predicts to be of each class; a class with few rows is shrunk
    towards all rows. If the model confuses two classes, their fractions are mixed, too.

    Parameters and errors as in `confident_joint`; the probabilities as sharp as `uniform_noise` found them.

    Returns
    -------
    ClassDraws

    Source
    ------
    This library; that of `uniform_noise`.

    Examples
    --------
    A third of the labels in class 2 may be any class:

    >>> probs = np.repeat(0.97 * np.eye(3) + 0.01, 900, axis=0)
    >>> labels = np.repeat([0, 1, 2, 0, 1, 2], [900, 900, 700, 100, 100, 0])
    >>> class_draws(labels, probs).shares.round(1)
    array([0. , 0. , 0.3])
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    near = map_arrays(NearClasses(k), labels=labels, probs=probs)
    found: ClassDraws = over_arrays(labels=labels, near=near)(GivenLogsByClass(k, 1.0))
    return found
