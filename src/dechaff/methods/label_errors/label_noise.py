"""How many labels are wrong, in which way, and whether the noise is class-conditional or instance-dependent.

Several estimates of the noise are compared. The plateau (the rows of highest confidence) shows class-conditional noise
only; the confident joint (all confident rows) also counts the hard rows; the rows in which the model prefers another
class are an upper bound. If the plateau's labels *and* its probabilities show much less noise than the joint, hard rows
are noisier than easy ones: the noise is instance-dependent, T of the plateau is uninformative, and is replaced by
symmetric noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.codes import ClassCounts
from dechaff.core.fold import RunFold
from dechaff.core.intervals import wilson_interval
from dechaff.core.over_arrays import map_arrays, over_arrays
from dechaff.methods.label_errors.confident_joint import calibrated_joint
from dechaff.methods.label_errors.near_classes import NearClasses, NearJoint, NearThresholds
from dechaff.methods.label_errors.noise_readings import (
    UNIFORM,
    RankingShares,
    Readings,
    Signs,
    directed_fraction,
    ranking_shares,
    sameness,
)
from dechaff.methods.label_errors.plateau_transition import (
    LEAST_NOISE,
    PRIOR_ROWS,
    ReadTransition,
    noise_of,
    read_transition,
    symmetric_noise,
)
from dechaff.methods.label_errors.uniform_noise import ClassDraws, GivenLogs, GivenLogsByClass, UniformNoise
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
    transition: ClassMatrix, plateau_rows: npt.NDArray[np.int64], noise_rates: ClassVector
) -> tuple[ClassMatrix, ClassMatrix]:
    """Wilson's 95 % interval of each entry as a fraction of the rows on its plateau, before the guess was mixed in.

    `plateau_rows` are the rows from which each column was read, `noise_rates` those of the guess (`read_transition`).
    """
    k, rows = len(transition), np.maximum(plateau_rows, 1)
    low, high = np.empty((k, k)), np.empty((k, k))
    step = max(1, _ENTRIES_AT_ONCE // k)
    for start in range(0, k, step):
        given = np.arange(start, min(start + step, k))
        entries = transition[given]
        lowest, highest = wilson_interval(_before_guess(entries, given, rows, noise_rates), rows, z=Z_95)
        # what is always possible (LEAST_NOISE) is not an observation
        low[given] = np.minimum(np.maximum(lowest - LEAST_NOISE / k, 0), entries)
        high[given] = np.maximum(np.minimum(highest + LEAST_NOISE, 1), entries)
    return low, high


def _before_guess(
    entries: npt.NDArray[np.float64], given: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], rates: ClassVector
) -> npt.NDArray[np.float64]:
    """The observed fractions: the prior, symmetric noise that counts as some rows, is subtracted from `entries`."""
    k, guess = len(rows), PRIOR_ROWS / rows
    share = (1 + guess) * entries
    share -= guess * rates / (k - 1)
    share[np.arange(len(given)), given] -= (guess * (1 - rates * k / (k - 1)))[given]
    return np.clip(share, 0, 1, out=share)


Kind = Literal["class-conditional", "instance-dependent", "none found"]
FEW_ROWS = 20.0
MOST_SYMMETRIC_NOISE = 0.9
"""Highest rate of symmetric noise: above it labels are uninformative or worse."""


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
    """Fraction of labels that are wrong, before posteriors are computed."""
    readings: Readings
    """What `rate` is made of; with the posteriors it is ``readings.rate(by_posterior)``."""
    low: float
    high: float
    """95 % interval of the rate, wide enough for all readings."""
    margin: float
    """How far it reaches beyond the readings."""
    kind: Kind
    kind_sure: float
    """How sure the kind is, from 0 (a coin) to 1."""
    uniform: float
    """Fraction of labels that are wrong by a uniform draw, which overlapping classes do not raise; 0 of two classes."""
    by_margin: float
    """How far rows are better ranked by the plain margin of the model's probabilities, from 0 to 1."""
    joint: npt.NDArray[np.int64]
    """Calibrated confident joint: rows by given and by true class."""


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
    return label_noise_of(over_arrays(labels=labels, probs=probs, near=near), probs.shape[1], power=1.0)


def label_noise_of(run: RunFold[Any], n_classes: int, *, power: float) -> LabelNoise:
    """`label_noise` of columns in any source (``labels``, ``probs``, ``near``), calibrated by `power`.

    A class that the model has not learned, such as a misspelling of another, has a threshold near zero that every
    doubtful row reaches; so no threshold counts that is below what a blind guess gives.
    """
    counts: npt.NDArray[np.int64] = run(ClassCounts(n_classes))
    thresholds = np.maximum(run(NearThresholds(n_classes, power)), 1 / n_classes)
    joint = calibrated_joint(run(NearJoint(thresholds, power)), counts)
    n = int(counts.sum())
    joint_rate = float(1 - np.trace(joint) / n) if n else 0.0
    rates = _rates_by_class(joint, joint_rate)
    drawn = _drawn(run, n_classes, power, joint_rate)
    return _noise(joint, counts, joint_rate, drawn, read_transition(run, rates, power=power), rates)


@dataclass(frozen=True)
class _Drawn:
    """Labels that are wrong by a uniform draw."""

    rate: float
    symmetric_rate: float
    spread: float = 0.0
    relative: ClassVector | float = 1.0


def _drawn(run: RunFold[Any], n_classes: int, power: float, joint_rate: float) -> _Drawn:
    """Rate of drawn labels, and the classes drawn from; with two classes, a draw and an overlap look the same."""
    if n_classes == 2:
        return _Drawn(0.0, joint_rate)
    uniform: UniformNoise = run(GivenLogs(n_classes, power))
    rate, symmetric_rate = uniform.rate(joint_rate), uniform.symmetric_rate(joint_rate)
    if rate <= UNIFORM[0] * joint_rate or rate > uniform.unforeseen:
        return _Drawn(rate, symmetric_rate)
    draws: ClassDraws = run(GivenLogsByClass(n_classes, power * uniform.sharper))
    return _Drawn(rate, symmetric_rate, draws.spread(), draws.relative())


def _rates_by_class(joint: npt.NDArray[np.int64], joint_rate: float) -> ClassVector:
    """How often each true class is mislabelled, before the plateau is read.

    Of two classes one is often mislabelled far more than the other (labels are omitted, not invented), so each has its
    own rate by the joint, shrunk to the mean if it has few rows. Of more, all start at the mean: own rates lost .002 of
    average precision over 54 sets, .02 on the smallest.
    """
    rows, right = joint.sum(axis=0), np.diagonal(joint)
    if len(rows) > 2:
        return np.full(len(rows), joint_rate)
    return np.asarray((rows - right + FEW_ROWS * joint_rate) / (rows + FEW_ROWS))


def _noise(
    joint: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    joint_rate: float,
    drawn: _Drawn,
    read: ReadTransition,
    rates: ClassVector,
) -> LabelNoise:
    k, n = len(counts), int(counts.sum())
    shares = counts / n if n else np.full(k, 1 / k)
    prior = class_prior(read.matrix, shares)
    readings = Readings(
        joint=joint_rate,
        plateau_labels=noise_of(read.matrix, prior),
        plateau_probs=float(1 - prior @ ((1 - LEAST_NOISE) * read.heights() + LEAST_NOISE / k)),
        doubted=float(read.plateau.doubted / n) if n else 0.0,
        stray_folds=read.stray_folds,
        uniform=drawn.rate,
    )
    ranked = ranking_shares(readings, _signs(read.plateau.labels, drawn), n_classes=k)
    transition = _believed(read.matrix, readings, ranked, drawn)
    if transition is not read.matrix:
        prior = class_prior(transition, shares)
    margin, (low, high) = _margin(readings, read, prior, n), readings.span()
    t_low, t_high = entry_intervals(transition, read.plateau.rows, rates)
    return LabelNoise(
        transition=transition,
        transition_low=t_low,
        transition_high=t_high,
        prior=prior,
        rate=readings.rate(),
        readings=readings,
        low=max(0.0, low - margin),
        high=min(1.0, high + margin),
        margin=margin,
        kind=_kind(readings, n),
        kind_sure=readings.kind_sure(),
        uniform=drawn.rate,
        by_margin=ranked.by_margin,
        joint=joint,
    )


def _signs(labels: npt.NDArray[np.int64], drawn: _Drawn) -> Signs:
    every, most_drawn = np.ones(len(labels)), np.maximum(drawn.relative * np.ones(len(labels)) - 1, 0)
    return Signs(directed_fraction(labels), sameness(labels, every), drawn.spread, sameness(labels, most_drawn))


def _believed(seen: ClassMatrix, readings: Readings, shares: RankingShares, drawn: _Drawn) -> ClassMatrix:
    """T, as far as it does not give way to symmetric noise."""
    k, joint = len(seen), readings.joint
    if shares.unexplained > 0:
        seen = (1 - shares.unexplained) * seen + shares.unexplained * symmetric_noise(np.full(k, joint))
    if shares.symmetric > 0:
        rate = drawn.symmetric_rate if k > 2 else min(readings.plateau_labels, joint)
        rates = np.clip(rate * drawn.relative * np.ones(k), LEAST_NOISE, MOST_SYMMETRIC_NOISE * (1 - 1 / k))
        seen = (1 - shares.symmetric) * seen + shares.symmetric * symmetric_noise(rates)
    return seen


def _kind(readings: Readings, n_rows: int) -> Kind:
    if readings.rate() * n_rows < 0.5:
        return "none found"
    return "class-conditional" if readings.row_share() < 0.5 else "instance-dependent"


def _margin(readings: Readings, read: ReadTransition, prior: ClassVector, n_rows: int) -> float:
    """1.96 standard errors, of the plateau's heights and of the sample."""
    kept = np.diagonal(read.matrix)
    heights = prior**2 @ (kept * (1 - kept) / (read.plateau.rows + PRIOR_ROWS))
    rate = readings.rate()
    return Z_95 * float(np.sqrt(heights + rate * (1 - rate) / max(n_rows, 1)))
