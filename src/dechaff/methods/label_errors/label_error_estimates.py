"""The rows whose labels are wrong, with the label that each should have."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.over_arrays import map_arrays
from dechaff.core.top_rows import cut_in_memory
from dechaff.errors import InputError
from dechaff.methods.label_errors.error_passes import OverallEstimates, estimate_by_passes
from dechaff.methods.label_errors.label_noise import Kind, LabelNoise, class_prior
from dechaff.methods.label_errors.local_calibration import LocalCalibration
from dechaff.methods.label_errors.near_classes import NearClasses
from dechaff.methods.label_errors.noise_posterior import (
    Blend,
    NearErrorOdds,
    RowErrorOdds,
    RowEstimates,
    estimate_rows,
    score_of,
)
from dechaff.methods.label_errors.noise_sample import NoiseSample, sampled, steps_of
from dechaff.methods.label_errors.obvious_errors import Obvious
from dechaff.methods.label_errors.plateau_transition import noise_of
from dechaff.typing import ClassMatrix, ClassVector, Labels, Mask, Numbers, Probs, Score

FEW_CLASSES = 32
"""Up to this many rows, near classes are picked twice instead of kept: a tenth more time, half of the memory."""


@dataclass(frozen=True)
class LabelErrorEstimates:
    """What is wrong with the labels of n rows of k classes."""

    score: Score
    """Probability that the label is wrong."""
    log_odds: Numbers
    """The same as log-odds, whose ranks stay apart where the score is 0 or 1 to the last digit."""
    flag: Mask
    """The likely errors: as many of the highest scores as the noise rate says."""
    suggested: npt.NDArray[np.int64]
    """Most probable class other than the given one."""
    suggested_prob: Numbers
    """Its probability."""
    expected_joint: ClassMatrix
    """Probabilities added up: expected rows by given label (row) and true class (column)."""
    transition: ClassMatrix
    """``T[given, true]``."""
    transition_low: ClassMatrix
    transition_high: ClassMatrix
    """95 % interval of each entry, wide enough for every reading of the noise."""
    prior: ClassVector
    """Fractions of the true classes."""
    rate: float
    """Estimated fraction of wrong labels."""
    rate_low: float
    rate_high: float
    """95 % interval of `rate`."""
    kind: Kind
    """Whether labels go wrong by class or by row."""
    kind_sure: float
    """How sure the kind is, from 0 (a coin) to 1."""
    temperature: float
    """What the log-probabilities were divided by; above 1 = the model was too sure."""
    steps: int
    """Of deconvolution, for `posterior_of`."""
    blend: Blend
    """How T and the doubt in the given label make `log_odds`."""
    joint: npt.NDArray[np.int64]
    """(k, k) calibrated confident joint: rows by given and by true class."""
    obvious: Obvious
    """Which labels are obvious errors, for `obvious_errors`."""
    calibration: LocalCalibration | None = None
    """What the probabilities went through first; None if they are used as they came."""

    @classmethod
    def of(cls, found: OverallEstimates, rows: RowEstimates, flag: Mask) -> LabelErrorEstimates:
        """From what is estimated for all labels together, and for each row."""
        noise = found.noise
        return cls(
            score=score_of(rows.log_odds),
            log_odds=rows.log_odds,
            flag=flag,
            suggested=rows.suggested,
            suggested_prob=rows.suggested_prob,
            expected_joint=found.joint,
            transition=noise.transition,
            transition_low=noise.transition_low,
            transition_high=noise.transition_high,
            prior=noise.prior,
            rate=found.rate.value,
            rate_low=found.rate.low,
            rate_high=found.rate.high,
            kind=noise.kind,
            kind_sure=noise.kind_sure,
            temperature=1 / found.power,
            steps=noise.steps,
            blend=noise.blend,
            joint=noise.joint,
            obvious=noise.obvious,
            calibration=noise.calibration,
        )

    @property
    def n_errors(self) -> float:
        """Estimated number of wrong labels."""
        return self.rate * len(self.score)

    @property
    def n_errors_low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.rate_low * len(self.score)

    @property
    def n_errors_high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.rate_high * len(self.score)


def estimate_label_errors(labels: Labels, probs: Probs) -> LabelErrorEstimates:
    """The rows whose given label is probably wrong, and what the right one would be.

    Four steps: calibrate the probabilities (`locally_calibrated`, `sharpened`), read how labels go wrong
    (`label_noise`), undo it row by row (`noise_posterior`) as far as the noise has a direction, and go by the doubt in
    the given label as far as it has none; flag as many rows as the noise rate says, the most doubtful first. The scores
    add up to that rate. Weak where the model is: its own errors on clean data cannot be told from labels that are wrong
    in hard rows, so look at ``kind``, at ``kind_sure`` and at the interval of ``rate``.

    Parameters and errors as in `confident_joint`.

    Returns
    -------
    LabelErrorEstimates

    Source
    ------
    This library, after Northcutt, Jiang, Chuang (2021), JAIR 70 (confident joint), and Patrini et al. (2017),
    CVPR (transition matrix). Measured beside cleanlab 2.9 in ``benchmarks/label_errors_cifar10.py``.

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> found = estimate_label_errors(labels, probs)
    >>> np.flatnonzero(found.flag), found.suggested[:5]
    (array([0, 1, 2, 3, 4]), array([0, 0, 0, 0, 0]))
    """
    return estimate_checked_labels(*check_labels_and_probs(labels, probs))


def estimate_checked_labels(labels: Labels, probs: Probs) -> LabelErrorEstimates:
    """`estimate_label_errors` of labels and probabilities that were checked where they entered."""
    sample, near = sampled(labels, probs).calibrated(), _near(labels, probs)
    power = sample.power()
    return _judged(labels, probs, near, power, _noise(sample, near, power))


def estimate_label_errors_with(
    labels: Labels,
    probs: Probs,
    *,
    transition: ClassMatrix,
    prior: ClassVector | None = None,
    rate: float | None = None,
) -> LabelErrorEstimates:
    """`estimate_label_errors` if the noise matrix is known better, for example from reviewed rows.

    What is not passed is read from the data: the temperature, the joint, the kind, the intervals. The ranking goes by
    this matrix alone, however little direction is seen in the noise.

    Parameters
    ----------
    labels, probs
        As in `confident_joint`.
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j).
    prior : (k,) float, sums to 1
        Fractions of the true classes. Default: those that give the labels their frequencies through T.
    rate : float from 0 to 1
        Fraction of wrong labels, which says how many rows to flag. Left out: what T and the prior come to.

    Returns
    -------
    LabelErrorEstimates

    Raises
    ------
    InputError
        As `confident_joint`, and if `transition` is no (k, k) matrix whose columns sum to 1.

    Source
    ------
    As `estimate_label_errors`.

    Examples
    --------
    >>> labels, probs = np.repeat([0, 1], 50), np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> labels[:5] = 1
    >>> known = np.array([[0.9, 0.0], [0.1, 1.0]])
    >>> round(estimate_label_errors_with(labels, probs, transition=known).rate, 3)
    0.05
    """
    labels, probs = check_labels_and_probs(labels, probs)
    transition = _check_transition(transition, probs.shape[1])
    sample, near = sampled(labels, probs).calibrated(), _near(labels, probs)
    power = sample.power()
    read = _noise(sample, near, power)
    shares = sample.counts / max(1, len(labels))
    known_prior = class_prior(transition, shares) if prior is None else prior
    known_rate = noise_of(transition, known_prior) if rate is None else rate
    noise = replace(
        read,
        transition=transition,
        transition_low=np.minimum(read.transition_low, transition),
        transition_high=np.maximum(read.transition_high, transition),
        blend=Blend(),
        prior=known_prior,
        rate=known_rate,
        low=min(read.low, known_rate),
        high=max(read.high, known_rate),
    )
    return _judged(labels, probs, near, power, noise, known_rate)


def _near(labels: Labels, probs: Probs) -> npt.NDArray[np.float32] | None:
    """The near classes of all rows, if they take much less room than the probabilities."""
    k = probs.shape[1]
    return map_arrays(NearClasses(k), labels=labels, probs=probs) if k > FEW_CLASSES else None


def _noise(sample: NoiseSample, near: npt.NDArray[np.float32] | None, power: float) -> LabelNoise:
    _, step = steps_of(sample.n_rows, len(sample.counts))
    return sample.label_noise(power, None if near is None else near[::step])


def _judged(
    labels: Labels,
    probs: Probs,
    near: npt.NDArray[np.float32] | None,
    power: float,
    noise: LabelNoise,
    known_rate: float | None = None,
) -> LabelErrorEstimates:
    kept: list[RowEstimates] = []

    def over_rows(odds: RowErrorOdds) -> ClassMatrix:
        if near is None:
            kept.append(estimate_rows(odds, labels=labels, probs=probs))
        else:
            known = NearErrorOdds(power, odds.transition, odds.blend, odds.steps)
            kept.append(estimate_rows(known, labels=labels, near=near))
        return kept[0].joint

    found = estimate_by_passes(
        noise,
        power,
        len(labels),
        over_rows=over_rows,
        cut=lambda n: cut_in_memory(kept[0].log_odds, n),
        known_rate=known_rate,
    )
    rows = {"row": np.arange(len(labels)), "log_odds": kept[0].log_odds}
    return LabelErrorEstimates.of(found, kept[0], found.flag_rule.rows(rows))


def _check_transition(transition: ClassMatrix, k: int) -> ClassMatrix:
    matrix = np.asarray(transition, dtype=np.float64)
    good = matrix.shape == (k, k) and bool((matrix >= 0).all()) and bool(np.allclose(matrix.sum(axis=0), 1, atol=1e-6))
    if not good:
        raise InputError(
            "transition",
            f"be a ({k}, {k}) matrix of probabilities whose columns sum to 1",
            f"shape {matrix.shape}, column sums {matrix.sum(axis=0)[:6].round(3)}" if matrix.ndim else str(matrix),
            "Let T[i, j] be the fraction of label i among the rows of true class j.",
        )
    return matrix
