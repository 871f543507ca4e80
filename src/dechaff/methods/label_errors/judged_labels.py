"""The rows whose labels are wrong, with the label that each should have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.label_noise import Kind, LabelNoise, label_noise_of
from dechaff.methods.label_errors.noise_posterior import NoisePosterior
from dechaff.methods.label_errors.temperature import Sharpened, sharpness
from dechaff.typing import Chunk, ClassMatrix, ClassVector, Labels, Mask, Probs, Score

CALIBRATION_ROWS = 100_000
"""Rows, evenly spaced, that fit the temperature: one number needs no more."""


@dataclass(frozen=True)
class JudgedLabels:
    """What is wrong with the labels of n rows of k classes."""

    score: Score
    """Probability that the label is wrong."""
    flag: Mask
    """The likely errors: as many of the highest scores as the noise rate says."""
    suggested: npt.NDArray[np.int64]
    """Most probable class other than the given one."""
    posterior: Probs
    """p(true class | row, given label)."""
    transition: ClassMatrix
    """``T[given, true]``."""
    prior: ClassVector
    """Shares of the true classes."""
    kind: Kind
    """Whether labels go wrong by class or by row."""
    n_errors: float
    """Estimated number of wrong labels."""
    n_errors_low: float
    n_errors_high: float
    """95 % interval of `n_errors`."""
    temperature: float
    """What the log-probabilities were divided by; above 1 = the model was too sure."""
    joint: npt.NDArray[np.int64]
    """(k, k) calibrated confident joint: rows by given and by true class."""


def judge_labels(labels: Labels, probs: Probs) -> JudgedLabels:
    """The rows whose given label is probably wrong, and what the right one would be.

    Four steps: make the probabilities honest (`sharpened`), read how labels go wrong (`label_noise`), undo it
    row by row (`noise_posterior`), flag as many rows as the noise rate says, the most doubtful first, among
    those in which the model itself prefers another class. Weak where the model is: its own errors on clean
    data cannot be told from labels that are wrong in hard rows, so look at ``kind`` and at the interval.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities. In-sample ones hide errors.

    Returns
    -------
    JudgedLabels

    Raises
    ------
    InputError
        Where `labels` and `probs` differ in length, a label has no column, or a row is no distribution.

    Source
    ------
    This library, after Northcutt, Jiang, Chuang (2021), JAIR 70 (confident joint), and Patrini et al. (2017),
    CVPR (transition matrix). Measured beside cleanlab 2.9 in ``benchmarks/label_errors_cifar10.py``.

    Examples
    --------
    >>> import numpy as np
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = judge_labels(labels, probs)
    >>> np.flatnonzero(found.flag), found.suggested[:5]
    (array([0, 1, 2, 3, 4]), array([0, 0, 0, 0, 0]))
    """
    labels, probs = check_labels_and_probs(labels, probs)
    step = 1 + len(labels) // CALIBRATION_ROWS
    power = sharpness(labels[::step], probs[::step])
    honest = map_arrays(Sharpened(power), probs=probs)
    noise = label_noise_of(over_arrays(labels=labels, probs=honest), probs.shape[1])
    posterior = map_arrays(NoisePosterior(noise.transition, noise.prior), labels=labels, probs=honest)
    score = 1 - posterior[np.arange(len(labels)), labels]
    return JudgedLabels(
        score=score,
        flag=_flag(labels, honest, score, noise),
        suggested=map_arrays(_BestOther(), labels=labels, posterior=posterior),
        posterior=posterior,
        transition=noise.transition,
        prior=noise.prior,
        kind=noise.kind,
        n_errors=noise.rate * len(labels),
        n_errors_low=noise.low * len(labels),
        n_errors_high=noise.high * len(labels),
        temperature=1 / power,
        joint=noise.joint,
    )


def _flag(labels: Labels, honest: Probs, score: Score, noise: LabelNoise) -> Mask:
    """The top ``rate * n`` rows by score, ties by row number, where the model prefers another class."""
    wanted = round(noise.rate * len(labels))
    flag = np.zeros(len(labels), dtype=bool)
    flag[np.argsort(-score, kind="stable")[:wanted]] = True
    return np.asarray(flag & (honest.argmax(axis=1) != labels))


@dataclass(frozen=True)
class _BestOther:
    """Row map: the most probable class other than the given one."""

    columns: ClassVar[tuple[str, ...]] = ("labels", "posterior")

    def rows(self, chunk: Chunk) -> npt.NDArray[np.int64]:
        others = chunk["posterior"].copy()
        others[np.arange(len(others)), chunk["labels"]] = -1.0
        return np.asarray(others.argmax(axis=1), dtype=np.int64)
