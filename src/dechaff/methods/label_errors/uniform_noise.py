"""Labels drawn at random: the fraction of labels that are uniform over the classes.

A weak model's own errors fall on the classes that it confuses; a label drawn at random may be any class, also one of
very low probability. So, unlike the noise on a plateau, this fraction is not inflated by overlapping classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.fold import SumFold
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.near_classes import NearClasses, near_probs
from dechaff.methods.label_errors.noise_readings import soft_step
from dechaff.typing import Chunk, Labels, Probs

_LOWEST, BINS = -24.0, 1024
"""Lowest log-probability of a given label that counts, and the steps from there to 1."""
_START, _MOST_ROUNDS, _SETTLED = 0.05, 30, 1e-7


@dataclass(frozen=True)
class UniformFraction:
    """The maximum-likelihood fraction."""

    log_likelihood: float
    share: float
    """Fraction of labels drawn uniformly."""


def counted(probs: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Rows by the log-probability of their given label, in bins from e**-24 to 1."""
    return np.bincount(bins_of(probs), minlength=BINS)


def bins_of(probs: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """The bin of each of these probabilities."""
    logs = np.log(np.maximum(probs, np.exp(_LOWEST), dtype=np.float64))
    return np.asarray(np.minimum(((logs - _LOWEST) * (BINS / -_LOWEST)).astype(np.int64), BINS - 1))


def middle_of(bins: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The probability in the middle of these bins."""
    return np.asarray(np.exp(_LOWEST * (1 - (bins + 0.5) / BINS)))


def uniform_fraction(counts: npt.NDArray[np.int64], n_classes: int) -> UniformFraction:
    """The fraction of maximum likelihood: the log-likelihood is concave, so Newton's method finds it."""
    seen = np.flatnonzero(counts)
    given = middle_of(seen)
    gap, rows, share = 1 / n_classes - given, counts[seen], _START
    for _ in range(_MOST_ROUNDS):
        pulls = gap / (given + share * gap)
        information = max(float(rows @ pulls**2), 1e-12)
        moved = share + float(rows @ pulls) / information
        share, last = float(np.clip(moved, share / 4, (1 + share) / 2)), share
        if abs(share - last) <= _SETTLED:
            break
    return UniformFraction(float(rows @ np.log(given + share * gap)), share)


SHARPER = (0.4, 0.6, 0.8, 1.0, 1.15, 1.35, 1.6, 2.0, 2.6)
"""Powers tried: a temperature fitted on random labels is too high for the other labels, and on zeros it is too low."""
EVIDENCE, EVIDENCE_ROWS = (2.0, 10.0), 5000
"""Nats by which a draw must explain the labels better than none, from a guess to a fact; so many rows count in full."""
_TINY = np.float32(1e-30)


@dataclass(frozen=True)
class UniformNoise:
    """Labels that are wrong by a uniform draw."""

    rate: float
    """Fraction of labels that are wrong by a draw visible in the labels but not in the probabilities."""
    nats: float
    """By how much the draw makes the labels more likely."""
    sharper: float = 1.0
    """The power that makes the probabilities suit the labels that are not drawn."""

    def seen(self) -> float:
        """From 0 to 1: whether there is a draw at all."""
        return soft_step(self.nats, *EVIDENCE)


@dataclass(frozen=True)
class GivenLogs(SumFold[npt.NDArray[np.int64]]):
    """The fold that counts rows by the log-probability of their given label, for each power of `SHARPER`."""

    n_classes: int
    power: float
    columns: ClassVar[tuple[str, ...]] = ("labels", "near")

    def init(self) -> npt.NDArray[np.int64]:
        """No rows; one histogram a power."""
        return np.zeros((len(SHARPER), BINS), dtype=np.int64)

    def update(self, state: npt.NDArray[np.int64], chunk: Chunk) -> npt.NDArray[np.int64]:
        """Counts the chunk's rows."""
        k, near = self.n_classes, near_probs(chunk["near"], self.n_classes, self.power)
        own = (near.classes == chunk["labels"]).argmax(axis=0)
        logs = np.log(np.maximum(near.probs, _TINY))
        rest = np.log(np.maximum(near.rest / max(k - len(logs), 1), _TINY))
        return state + np.stack([counted(_given(logs, rest, own, sharper, k)) for sharper in SHARPER])

    def finalize(self, state: npt.NDArray[np.int64]) -> UniformNoise:
        """The fraction at the power of maximum likelihood."""
        if not state.any():
            return UniformNoise(0.0, 0.0)
        drawn = [uniform_fraction(counts, self.n_classes) for counts in state]
        at = max(range(len(drawn)), key=lambda one: drawn[one].log_likelihood)
        best = drawn[at]
        logs = np.log(middle_of(np.arange(BINS)))
        undrawn = max(float(counts @ logs) for counts in state)
        weight = min(1.0, EVIDENCE_ROWS / max(1, int(state[0].sum())))
        nats = weight * (best.log_likelihood - undrawn)
        return UniformNoise(best.share * (1 - 1 / self.n_classes), nats, SHARPER[at])


def _given(
    logs: npt.NDArray[np.float32], rest: npt.NDArray[np.float32], own: npt.NDArray[np.intp], sharper: float, k: int
) -> npt.NDArray[np.float32]:
    """Probability of the given label, of probabilities raised to a power."""
    raised = np.exp(np.float32(sharper) * logs)
    others = (k - len(logs)) * np.exp(np.float32(sharper) * rest)
    given: npt.NDArray[np.float32] = np.take_along_axis(raised, own[None], axis=0)[0]
    return np.asarray(given / (raised.sum(axis=0) + others))


def uniform_noise(labels: Labels, probs: Probs) -> UniformNoise:
    """Fractions of labels that are wrong by a uniform draw among the classes, however weak the model is.

    The maximum-likelihood mixture of the model's probabilities, made somewhat sharper, and a uniform label. It does not
    detect noise that prefers some classes. With two classes, a draw and an overlap look the same.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    UniformNoise
        A draw that the model has learned is in its probabilities, and not counted.

    Source
    ------
    This library. The lapse rate of Wichmann, Hill (2001), Perception & Psychophysics 63, 1293–1313, fitted there to
    answers given without attention, applied to labels.

    Examples
    --------
    The model nearly rules class 1 and 2 out, but a tenth of the rows carry these labels; it may have meant some:

    >>> probs = np.repeat([[0.98, 0.01, 0.01]], 1000, axis=0)
    >>> labels = np.repeat([0, 1, 2], [900, 50, 50])
    >>> 0.08 < uniform_noise(labels, probs).rate <= 0.1
    True
    """
    labels, probs = check_labels_and_probs(labels, probs)
    k = probs.shape[1]
    near = map_arrays(NearClasses(k), labels=labels, probs=probs)
    found: UniformNoise = over_arrays(labels=labels, near=near)(GivenLogs(k, 1.0))
    return found
