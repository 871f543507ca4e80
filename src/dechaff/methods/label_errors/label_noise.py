"""How many labels are wrong, in which way, and whether the class or the row decides.

Two readings of the noise are compared. The plateau (the surest rows) shows the noise that comes with the
class alone; the confident joint (all confident rows) also counts the hard rows. Where the model's
probabilities rise above the plateau of class-conditional noise, easy rows are cleaner than hard ones: the
noise depends on the row, the plateau's T says little, and it gives way to symmetric noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dechaff.checks import check_labels_and_probs
from dechaff.core.class_counts import ClassCounts
from dechaff.core.fold import RunFold
from dechaff.core.over_arrays import over_arrays
from dechaff.methods.label_errors.calibrated_joint import calibrated_joint
from dechaff.methods.label_errors.class_prior import class_prior
from dechaff.methods.label_errors.confident_joint import ConfidentJoint
from dechaff.methods.label_errors.confident_thresholds import ConfidentThresholds
from dechaff.methods.label_errors.plateau_transition import (
    LEAST_NOISE,
    PRIOR_ROWS,
    Plateau,
    PlateauEdges,
    PlateauRows,
    noise_of,
    symmetric_noise,
    transition_of_labels,
    transition_of_probs,
)
from dechaff.typing import ClassMatrix, ClassVector, Labels, Probs

Kind = Literal["class-conditional", "row-dependent", "none found"]
CLASS_GAP, ROW_GAP = 0.2, 0.35
"""Missing share of the joint's noise on the probabilities' plateau: up to the first the class decides, from
the second on the row, between them both in part."""
Z_95 = 1.96


@dataclass(frozen=True)
class LabelNoise:
    """The noise of a set of labels."""

    transition: ClassMatrix
    """``T[i, j]`` = p(given = i | true = j)."""
    transition_low: ClassMatrix
    transition_high: ClassMatrix
    """95 % interval of each entry, wide enough for both plateaus."""
    prior: ClassVector
    """Shares of the true classes."""
    rate: float
    """Share of labels that are wrong."""
    low: float
    high: float
    """95 % interval of the rate, wide enough for both readings."""
    kind: Kind
    kind_sure: float
    """How sure the kind is, from 0 (a coin) to 1."""
    joint: npt.NDArray[np.int64]
    """Calibrated confident joint: rows by given and by true class."""


@dataclass(frozen=True)
class _Readings:
    """Noise rates as three instruments show them."""

    joint: float
    plateau_labels: float
    plateau_probs: float

    def row_share(self) -> float:
        """How far the row decides, from 0 to 1: the gap of the probabilities' plateau, with soft ends."""
        gap = 1 - self.plateau_probs / self.joint if self.joint > 0 else 0.0
        unit = float(np.clip((gap - CLASS_GAP) / (ROW_GAP - CLASS_GAP), 0, 1))
        return unit * unit * (3 - 2 * unit)

    def symmetric_share(self) -> float:
        """How much of T to replace: the square of what the labels' plateau leaves unexplained."""
        gap = max(0.0, 1 - self.plateau_labels / self.joint) if self.joint > 0 else 0.0
        return gap * gap

    def rate(self) -> float:
        """The plateau's reading, moved towards the joint's as far as the row decides."""
        low = min(self.plateau_labels, self.joint)
        return low + self.row_share() * (self.joint - low)


def label_noise(labels: Labels, probs: Probs) -> LabelNoise:
    """Rate and kind of the noise in given labels, with the T and the prior that explain it.

    Parameters
    ----------
    labels : (n,) int, 0 … k-1
        Given labels; may be wrong.
    probs : (n, k) float, rows sum to 1
        Out-of-sample probabilities, made honest by `sharpened`.

    Returns
    -------
    LabelNoise

    Source
    ------
    This library. Measured on CIFAR-10 with the noise of the confident-learning paper and with human labels:
    ``benchmarks/label_errors_cifar10.py``.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.repeat([0, 1, 0, 1], [400, 100, 100, 400])
    >>> probs = np.repeat([[0.8, 0.2], [0.2, 0.8]], [500, 500], axis=0)
    >>> noise = label_noise(labels, probs)
    >>> noise.kind, round(noise.rate, 2)
    ('class-conditional', 0.2)
    """
    labels, probs = check_labels_and_probs(labels, probs)
    return label_noise_of(over_arrays(labels=labels, probs=probs), probs.shape[1])


def label_noise_of(run: RunFold[Any], n_classes: int) -> LabelNoise:
    """`label_noise` of columns that lie anywhere: four folds, each built from the ones before.

    A class that the model has not learned, such as a misspelling of another, has a threshold near zero that every
    doubtful row reaches; so no threshold counts that is below what a blind guess gives.
    """
    counts: npt.NDArray[np.int64] = run(ClassCounts(n_classes))
    thresholds = np.maximum(run(ConfidentThresholds(n_classes)), 1 / n_classes)
    counted: npt.NDArray[np.int64] = run(ConfidentJoint(thresholds))
    plateau: Plateau = run(PlateauRows(run(PlateauEdges(n_classes))))
    return _noise(calibrated_joint(counted, counts), counts, plateau)


def _noise(joint: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], plateau: Plateau) -> LabelNoise:
    k, n = len(counts), int(counts.sum())
    shares = counts / n if n else np.full(k, 1 / k)
    joint_rate = float(1 - np.trace(joint) / n) if n else 0.0
    by_labels, by_probs = transition_of_labels(plateau, joint_rate), transition_of_probs(plateau)
    readings = _Readings(
        joint=joint_rate,
        plateau_labels=noise_of(by_labels, class_prior(by_labels, shares)),
        plateau_probs=noise_of(by_probs, class_prior(by_probs, shares)),
    )
    symmetric = readings.symmetric_share()
    transition = (1 - symmetric) * by_labels + symmetric * symmetric_noise(k, joint_rate)
    prior = class_prior(transition, shares)
    low, high = _interval(readings, plateau, by_labels, prior, n)
    t_low, t_high = _entry_intervals(plateau, joint_rate, transition, by_labels, by_probs)
    sure = abs(2 * readings.row_share() - 1)
    return LabelNoise(transition, t_low, t_high, prior, readings.rate(), low, high, _kind(readings, n), sure, joint)


def _kind(readings: _Readings, n_rows: int) -> Kind:
    if readings.rate() * n_rows < 0.5:
        return "none found"
    return "class-conditional" if readings.row_share() < 0.5 else "row-dependent"


def _interval(
    readings: _Readings, plateau: Plateau, transition: ClassMatrix, prior: ClassVector, n_rows: int
) -> tuple[float, float]:
    """Both readings, and 1.96 standard errors on either side: of the plateau's heights and of the sample."""
    kept = np.diagonal(transition)
    heights = prior**2 @ (kept * (1 - kept) / (plateau.rows + PRIOR_ROWS))
    rate = readings.rate()
    margin = Z_95 * float(np.sqrt(heights + rate * (1 - rate) / max(n_rows, 1)))
    low, high = sorted((readings.plateau_labels, readings.joint))
    return max(0.0, low - margin), min(1.0, high + margin)


def _entry_intervals(plateau: Plateau, joint_rate: float, *readings: ClassMatrix) -> tuple[ClassMatrix, ClassMatrix]:
    """For each entry the span of its readings, and Wilson's interval of a share of so many rows around it."""
    rows = (plateau.rows + PRIOR_ROWS)[None, :]
    k = len(plateau.rows)
    # what was put in to keep every entry above zero was not seen, so the ends are without it
    put_in = LEAST_NOISE + PRIOR_ROWS / rows * joint_rate
    lowest = np.maximum(np.minimum.reduce(readings) - put_in / (k - 1), 0)
    highest = np.minimum(np.maximum.reduce(readings) + np.eye(k) * put_in, 1)
    return _wilson(lowest, rows, -Z_95), _wilson(highest, rows, Z_95)


def _wilson(share: ClassMatrix, rows: npt.NDArray[np.floating[Any]], z: float) -> ClassMatrix:
    centre = share + z * z / (2 * rows)
    margin = z * np.sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return np.asarray(np.clip((centre + margin) / (1 + z * z / rows), 0, 1))
