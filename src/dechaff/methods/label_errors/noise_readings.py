"""Estimates of the noise rate by several methods, and how far the noise matrix can be trusted.

If classes overlap and the model is weak, its most confident rows are not pure, and T mistakes overlap for noise. T then
ranks worse than no T at all. Overlap goes both ways; so T is trusted as far as the noise goes one way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix

LABELS_GAP, PROBS_GAP = (0.12, 0.22), (0.28, 0.36)
"""Fraction of the joint's noise that is missing on the plateau, by its labels and by its probabilities: up to the first
the class decides, from the second on the row, between them both in part."""
MOSTLY_UNIFORM = (0.4, 0.7)
"""Uniform noise as a fraction of the joint's, from some to nearly all of it; then it is not due to hard rows."""
POSTERIOR_SLACK = 1.2
"""Most underestimation by the sum of the posteriors, on simulated data of known noise."""
PLATEAU_SLACK = 0.8
"""Lowest factor by which the posteriors may reduce the plateau's estimate."""


@dataclass(frozen=True)
class Readings:
    """Noise rates by four estimators."""

    joint: float
    plateau_labels: float
    plateau_probs: float
    doubted: float
    stray_folds: bool
    """Whether T was read from probabilities because the folds were not shuffled; the posteriors then give the rate."""
    uniform: float = 0.0
    """Labels wrong by a draw among all classes, in hard and easy rows alike; 0 for two classes."""

    def gaps(self) -> tuple[float, float]:
        """Fractions of the joint's noise that either plateau misses."""
        if self.stray_folds or self.joint <= 0:
            return 0.0, 0.0
        return 1 - self.plateau_labels / self.joint, 1 - self.plateau_probs / self.joint

    def row_share(self) -> float:
        """How far the row decides, from 0 to 1: as far as both plateaus miss noise that the joint sees, and no draw."""
        by_labels, by_probs = self.gaps()
        missed = soft_step(by_labels, *LABELS_GAP) * soft_step(by_probs, *PROBS_GAP)
        return missed * (1 - soft_step(self.uniform_fraction(), *MOSTLY_UNIFORM))

    def uniform_fraction(self) -> float:
        """Uniform noise as a fraction of the joint's."""
        return self.uniform / self.joint if self.joint > 0 else 0.0

    def kind_sure(self) -> float:
        """How far the deciding gap is from the middle of its step, in steps as wide as the gap is there."""
        middles = [sum(step) / 2 for step in (LABELS_GAP, PROBS_GAP)]
        away = min(gap / middle - 1 for gap, middle in zip(self.gaps(), middles, strict=True))
        return min(1.0, abs(away))

    def rate(self, by_posterior: float = 1.0) -> float:
        """The plateau's estimate; the more instance-dependent the noise, the nearer to the mean of joint and doubted
        rows.

        Weak models have no plateau and overestimate; the sum of the posteriors is lower, slightly too low.
        """
        if self.stray_folds and by_posterior < 1:
            return by_posterior
        low = min(self.plateau_labels, self.joint)
        low = min(low, max(POSTERIOR_SLACK * by_posterior, PLATEAU_SLACK * low))
        return low + self.row_share() * ((self.joint + self.doubted) / 2 - low)


def soft_step(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, a smooth rise between them."""
    unit = float(np.clip((value - low) / (high - low), 0, 1))
    return unit * unit * (3 - 2 * unit)


BY_CHANCE = 0.8
"""Mean size of a normal number, in standard deviations."""
SQUARES_SLACK = 0.1
"""Margin by which the statistic of squares must exceed that of absolute values. A single pair can dominate the squares;
but with many classes, each confused with a few others, absolute values are dominated by chance."""


def directed_fraction(labels: npt.NDArray[np.int64]) -> float:
    """Fraction of the disagreement on the plateaus that goes one way only, beyond chance; 0 = symmetric.

    It does not detect two classes that are swapped both ways, which is as symmetric as an overlap.

    Parameters
    ----------
    labels : (k, k) int
        Rows on the plateau of each class (column), by given label (row).

    Returns
    -------
    float from 0 to 1

    Source
    ------
    This library. The symmetry test of Bowker (1948), JASA 43, as an effect size instead of a test.

    Examples
    --------
    >>> directed_fraction(np.array([[800, 0], [200, 1000]])) > 0.9
    True
    >>> directed_fraction(np.array([[800, 200], [200, 800]]))
    0.0
    """
    k, rows = len(labels), np.maximum(labels.sum(axis=0), 1)
    wrong: ClassMatrix = labels / rows
    np.fill_diagonal(wrong, 0)
    variance = (wrong + 1 / (rows * k)) * (1 - wrong) / rows
    np.fill_diagonal(variance, 0)
    variance[:, labels.sum(axis=0) == 0] = 0  # a class that is never predicted shows nothing
    both = np.sqrt(variance + variance.T)
    gaps, sums = np.abs(wrong - wrong.T), wrong + wrong.T
    sizes = float((gaps - BY_CHANCE * both).sum() / max(sums.sum(), 1e-9))
    squares = float((gaps**2 - both**2).sum() / max((sums**2).sum(), 1e-9))
    return min(1.0, max(0.0, sizes, squares - SQUARES_SLACK))


DIRECTED, DIRECTED_OF_TWO = (-0.1, 0.55), (0.2, 0.5)
"""Directed fraction of the plateaus' disagreement, from no trust in T to full trust. Of two classes, one is often
harder than the other, which looks like a direction; of more, two that are swapped both ways have none."""


def trust_in_transition(directed: float, *, n_classes: int) -> float:
    """How far the ranking goes by T, from 0 to 1: noise with a direction needs it, and overlap has none.

    Parameters
    ----------
    directed : float from 0 to 1
        Of `directed_fraction`.
    n_classes : number of classes

    Examples
    --------
    >>> round(trust_in_transition(0.35, n_classes=2), 2), trust_in_transition(0.6, n_classes=10)
    (0.5, 1.0)
    """
    none, full = DIRECTED if n_classes > 2 else DIRECTED_OF_TWO
    return float(np.clip((directed - none) / (full - none), 0, 1))
