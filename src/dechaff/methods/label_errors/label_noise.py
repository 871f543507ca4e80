"""How many labels are wrong, in which way, and whether the noise is class-conditional or instance-dependent.

Several estimates of the noise are compared. The plateau (the rows of highest confidence) shows class-conditional noise
only; the confident joint (all confident rows) also counts the hard rows; the rows in which the model prefers another
class are an upper bound. If the plateau's labels *and* its probabilities show much less noise than the joint, hard rows
are noisier than easy ones: the noise is instance-dependent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.codes import ClassCounts
from dechaff.core.intervals import wilson_interval
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.confident_joint import calibrated_joint
from dechaff.methods.label_errors.local_calibration import LocalCalibration
from dechaff.methods.label_errors.near_classes import NearClasses, NearJoint, NearThresholds, compressed
from dechaff.methods.label_errors.noise_posterior import (
    STEPS,
    STEPS_OF_PROBS,
    Blend,
    CountedOdds,
    NearErrorOdds,
    OddsCounts,
)
from dechaff.methods.label_errors.noise_readings import Readings, directed_fraction, trust_in_transition
from dechaff.methods.label_errors.obvious_errors import Obvious, obvious_of
from dechaff.methods.label_errors.plateau_transition import (
    LEAST_NOISE,
    PRIOR_ROWS,
    ReadTransition,
    noise_of,
    read_transition,
    spread_noise,
)
from dechaff.methods.label_errors.rate_bounds import rate_bounds
from dechaff.methods.label_errors.uniform_noise import GivenLogs, UniformNoise
from dechaff.typing import ClassMatrix, ClassVector, Labels, Probs

MOST_ROUNDS = 50
"""Of EM. With more rounds, classes that are hard to separate converge to a fraction of zero."""
SETTLED = 1e-9


def class_prior(transition: ClassMatrix, label_fractions: ClassVector) -> ClassVector:
    """Fractions of the true classes that, through the noise, best explain the fractions of the given labels.

    Inverting T can give negative fractions; steps of EM keep them valid and increase the likelihood.

    Parameters
    ----------
    transition : (k, k) float, columns sum to 1
        ``T[i, j]`` = p(given = i | true = j), above zero.
    label_fractions : (k,) float, sums to 1
        Fractions of the given labels.

    Returns
    -------
    (k,) float, sums to 1

    Source
    ------
    Saerens, Latinne, Decaestecker (2002), Neural Computation 14, EM for class priors, with one row per class.

    Examples
    --------
    >>> class_prior(np.array([[0.8, 0.2], [0.2, 0.8]]), np.array([0.65, 0.35])).round(3)
    array([0.75, 0.25])
    """
    prior = np.full(len(label_fractions), 1 / len(label_fractions))
    for _ in range(MOST_ROUNDS):
        moved = prior * (transition.T @ (label_fractions / (transition @ prior)))
        moved = moved / moved.sum()
        if np.abs(moved - prior).max() <= SETTLED:
            return np.asarray(moved)
        prior = moved
    return prior


Z_95 = 1.96
_ENTRIES_AT_ONCE = 2**15
"""They stay in the cache: of a thousand classes, matrices that do not take longer than the rows."""


def entry_intervals(
    transition: ClassMatrix, seen: ClassMatrix, plateau_rows: npt.NDArray[np.int64]
) -> tuple[ClassMatrix, ClassMatrix]:
    """Wilson's 95 % interval of each fraction seen on a plateau, given its number of rows, wide enough for T."""
    k, rows = len(transition), np.maximum(plateau_rows, 1)
    low, high = np.empty((k, k)), np.empty((k, k))
    step = max(1, _ENTRIES_AT_ONCE // k)
    for start in range(0, k, step):
        some = slice(start, start + step)
        lowest, highest = wilson_interval(seen[some], rows, z=Z_95)
        # what is always possible (LEAST_NOISE) is not an observation
        low[some] = np.minimum(np.maximum(lowest - LEAST_NOISE / k, 0), transition[some])
        high[some] = np.maximum(np.minimum(highest + LEAST_NOISE, 1), transition[some])
    return low, high


Kind = Literal["class-conditional", "instance-dependent", "none found"]
LESS_SURE = 0.8
"""Slope of the doubt in a label, beside the power that makes the model's probabilities calibrated to the given labels,
unless labels are drawn: people err where rows are hard, which makes a label look right."""
FEWEST_SHARE = 1e-4
"""Added to the fraction of every class, so that one without labels has finite log-odds."""


@dataclass(frozen=True)
class LabelNoise:
    """The noise of a set of labels."""

    transition: ClassMatrix
    """``T[i, j]`` = p(given = i | true = j)."""
    transition_low: ClassMatrix
    transition_high: ClassMatrix
    """95 % interval of each entry."""
    prior: ClassVector
    """Fractions of the true classes."""
    rate: float
    """Fraction of labels that are wrong."""
    low: float
    high: float
    """Interval of the rate: `rate_bounds` with the 95 % error of sampling."""
    kind: Kind
    kind_sure: float
    """How sure the kind is, from 0 (a coin) to 1."""
    blend: Blend
    """How T and the doubt in the given label make the log-odds of a row."""
    steps: int
    """Of deconvolution."""
    joint: npt.NDArray[np.int64]
    """Calibrated confident joint: rows by given and by true class."""
    obvious: Obvious
    """Which labels are obvious errors, whatever the rate is."""
    calibration: LocalCalibration | None = None
    """What the probabilities went through before; None if nothing."""


def label_noise(labels: Labels, probs: Probs) -> LabelNoise:
    """Rate and kind of the noise in given labels, with the T and the prior that explain it.

    Parameters and errors as in `confident_joint`; the probabilities made calibrated by `sharpened`.

    Returns
    -------
    LabelNoise

    Source
    ------
    This library. Measured on CIFAR-10 with the noise of the confident-learning paper and with human labels:
    ``benchmarks/label_errors_cifar10.py``.

    Examples
    --------
    >>> labels = np.repeat([0, 1, 0, 1], [400, 100, 100, 400])
    >>> probs = np.repeat([[0.8, 0.2], [0.2, 0.8]], [500, 500], axis=0)
    >>> noise = label_noise(labels, probs)
    >>> noise.kind, round(noise.rate, 2)
    ('class-conditional', 0.2)
    """
    labels, probs = check_labels_and_probs(labels, probs)
    near = map_arrays(NearClasses(probs.shape[1]), labels=labels, probs=probs)
    return label_noise_of(labels, probs, near, power=1.0)


def label_noise_of(labels: Labels, probs: Probs, near: npt.NDArray[np.float32], *, power: float) -> LabelNoise:
    """`label_noise` of probabilities that are calibrated by `power`, with their near classes.

    A class that the model has not learned, such as a misspelling of another, has a threshold near zero that every
    doubtful row reaches; so no threshold counts that is below what a blind guess gives.
    """
    n_classes = probs.shape[1]
    run = over_arrays(labels=labels, probs=probs, near=compressed(near, n_classes))
    counts: npt.NDArray[np.int64] = run(ClassCounts(n_classes))
    thresholds = np.maximum(run(NearThresholds(n_classes, power)), 1 / n_classes)
    joint = calibrated_joint(run(NearJoint(thresholds, power)), counts)
    n = int(counts.sum())
    shares = counts / n if n else np.full(n_classes, 1 / n_classes)
    joint_rate = float(1 - np.trace(joint) / n) if n else 0.0
    drawn: UniformNoise = run(GivenLogs(n_classes, power))
    # wrong labels fall on classes in proportion to their size, unless they are drawn; of two classes, a draw and an
    # overlap look the same
    seen = drawn.seen()
    by_share = 1 - seen if n_classes > 2 else 0.0
    weights = shares + FEWEST_SHARE
    guess = spread_noise(max(joint_rate, LEAST_NOISE), weights**by_share)
    read = read_transition(run, guess, power=power)
    readings = _readings(read, shares, joint_rate, drawn.rate * seen, n)
    over_rows = over_arrays(labels=labels, near=near)
    trust, obvious = _trust(read), obvious_of(over_rows, readings.doubted, power * drawn.sharper, n_classes)
    transition, steps = trust * read.matrix + (1 - trust) * guess, STEPS_OF_PROBS if read.stray_folds else STEPS
    blend = Blend(trust, by_share * np.log(n_classes * weights))
    counted: CountedOdds = over_rows(OddsCounts(NearErrorOdds(power, transition, blend, steps)))
    rate, slope = readings.rate(counted.rate), trust + (1 - trust) * power * (LESS_SURE + (1 - LESS_SURE) * seen)
    low, high = _interval(readings, rate, read, class_prior(read.matrix, shares), n)
    t_low, t_high = entry_intervals(transition, read.seen, read.plateau.rows)
    return LabelNoise(
        transition=transition,
        transition_low=t_low,
        transition_high=t_high,
        prior=class_prior(transition, shares),
        rate=rate,
        low=low,
        high=high,
        kind=_kind(readings, n),
        kind_sure=readings.kind_sure(),
        blend=replace(blend, slope=slope, shift=counted.shift(slope, rate)) if n else blend,
        steps=steps,
        joint=joint,
        obvious=obvious,
    )


def _trust(read: ReadTransition) -> float:
    if read.stray_folds:
        return 1.0
    return trust_in_transition(directed_fraction(read.plateau.labels), n_classes=len(read.matrix))


def _readings(read: ReadTransition, shares: ClassVector, joint_rate: float, uniform: float, n: int) -> Readings:
    prior = class_prior(read.matrix, shares)
    return Readings(
        joint=joint_rate,
        plateau_labels=noise_of(read.matrix, prior),
        plateau_probs=float(1 - prior @ ((1 - LEAST_NOISE) * read.heights() + LEAST_NOISE / len(prior))),
        doubted=float(read.plateau.doubted / n) if n else 0.0,
        stray_folds=read.stray_folds,
        uniform=uniform,
    )


def _kind(readings: Readings, n_rows: int) -> Kind:
    if readings.rate() * n_rows < 0.5:
        return "none found"
    return "class-conditional" if readings.row_share() < 0.5 else "instance-dependent"


def _interval(
    readings: Readings, rate: float, read: ReadTransition, prior: ClassVector, n_rows: int
) -> tuple[float, float]:
    low, high = rate_bounds(readings, one_way=directed_fraction(read.plateau.labels), n_classes=len(prior))
    margin = _margin(rate, read, prior, n_rows)
    return max(0.0, min(low, rate) - margin), min(1.0, max(high, rate) + margin)


def _margin(rate: float, read: ReadTransition, prior: ClassVector, n_rows: int) -> float:
    """1.96 standard errors, of the plateau's heights and of the sample."""
    kept = np.diagonal(read.matrix)
    heights = prior**2 @ (kept * (1 - kept) / (read.plateau.rows + PRIOR_ROWS))
    return Z_95 * float(np.sqrt(heights + rate * (1 - rate) / max(n_rows, 1)))
