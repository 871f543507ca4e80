"""Estimates of the noise rate by several methods, and the consequence of their disagreement for the ranking.

If classes overlap and the model is weak, its most confident rows are not pure, and T mistakes overlap for noise. T then
ranks worse than no T at all. Three signs decide what to trust: noise with a direction needs T; noise without one that
falls on any class (`uniform_noise`) is symmetric; and noise in hard rows is found by the margin to the class that the
model prefers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dechaff.typing import ClassMatrix, ClassVector

LABELS_GAP, PROBS_GAP = (0.12, 0.22), (0.28, 0.36)
"""Fraction of the joint's noise that is missing on the plateau, by its labels and by its probabilities: up to the first
the class decides, from the second on the row, between them both in part."""
MOSTLY_UNIFORM = (0.4, 0.7)
"""Uniform noise as a fraction of the joint's, from some to nearly all of it; then it is not due to hard rows."""
UNEXPLAINED = 0.1
"""Fraction of the joint's noise that the plateau may miss due to the model's own errors."""
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

    def symmetric_share(self) -> float:
        """How much of T to replace: what the labels' plateau leaves unexplained."""
        if self.stray_folds or self.joint <= 0:
            return 0.0
        return max(0.0, (1 - self.plateau_labels / self.joint - UNEXPLAINED) / (1 - UNEXPLAINED))

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

    def span(self) -> tuple[float, float]:
        """The lowest and the highest estimate; that of the doubted rows as far as the noise is instance-dependent.

        To the same extent all of it may be model errors in hard rows, which look the same: the low end goes to 0.
        """
        low, high = sorted((self.plateau_labels, self.joint))
        if self.row_share() > 0:
            high = max(high, self.doubted)
        return (1 - self.row_share()) * min(low, self.rate()), max(high, self.rate())


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
    both = np.sqrt(variance + variance.T)
    gaps, sums = np.abs(wrong - wrong.T), wrong + wrong.T
    sizes = float((gaps - BY_CHANCE * both).sum() / max(sums.sum(), 1e-9))
    squares = float((gaps**2 - both**2).sum() / max((sums**2).sum(), 1e-9))
    return min(1.0, max(0.0, sizes, squares - SQUARES_SLACK))


def sameness(labels: npt.NDArray[np.int64], weights: ClassVector) -> float:
    """How often two wrong labels of a class are the same: 0 = as often as if drawn among the others, 1 = always.

    Classes that overlap with several others have some sameness; one that is mistaken for one other, in one direction
    or in both, has nearly all of it.

    Parameters
    ----------
    labels : as in `directed_fraction`
    weights : (k,) float, 0 or more
        How much each column counts.

    Returns
    -------
    float; 0 if no class has two wrong labels, and of two classes

    Source
    ------
    Simpson (1949), Nature 163, 688, in its unbiased form, from 0 for an even spread to 1.

    Examples
    --------
    >>> labels = np.array([[80, 0, 0], [10, 90, 20], [10, 10, 80]])
    >>> sameness(labels, np.array([0, 0, 1])), round(sameness(labels, np.array([1, 0, 0])), 2)
    (1.0, -0.05)
    """
    k = len(labels)
    wrong = labels * (1 - np.eye(k, dtype=np.int64))
    counts = wrong.sum(axis=0)
    pairs = float(weights @ (counts * (counts - 1)))
    if k <= 2 or pairs <= 0:
        return 0.0
    even = 1 / (k - 1)
    return (float(weights @ (wrong * (wrong - 1)).sum(axis=0)) / pairs - even) / (1 - even)


DIRECTED, DIRECTED_OF_TWO = (0.05, 0.2), (0.25, 0.35)
"""Directed fraction of the plateaus' disagreement: below the first T is not trusted, from the second on it is. Of two
classes, one is often harder than the other, which looks like a direction."""
UNIFORM = (0.05, 0.15)
"""Uniform noise as a fraction of the joint's, from negligible to relevant."""
ONE_CLASS = (0.6, 1.0)
"""Spread of the draws over the classes from which on the direction is due to them: one class that loses its labels to
all others looks like a direction to each."""
SAME = (0.3, 0.5)
"""`sameness` from which on labels go to one particular other class, even if some of them look drawn."""
IN_DOUBT = (0.1, 0.3)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show: below the first the model is
uncertain even in its most confident rows, and a direction together with mostly uniform noise is half trusted."""
MOST_SYMMETRIC = 0.9
"""For more than two classes; T keeps some weight, as classes that are swapped both ways have no direction either."""
MARGIN_SHARE = 1.5
"""Weight of the margin relative to what the plateau leaves unexplained."""
HARD_ROWS = (0.4, 0.6)
"""Fraction of the joint's noise that the probabilities on the plateaus do not show: it may be instance-dependent."""
MISSING_PROBS, MISSING_LABELS = (0.5, 0.7), (0.1, 0.4)
"""The same, and that of the plateaus' labels: if both miss this much, a direction may be due to the hard rows."""
MISSING_LABELS_OF_TWO = (0.25, 0.35)
"""With two classes only the labels decide: class-conditional noise misses less, noise of hard rows more."""


@dataclass(frozen=True)
class RankingShares:
    """What replaces T, each from 0 to 1."""

    unexplained: float = 0.0
    """Fraction of T replaced by symmetric noise at the joint's rate, as hard rows are noisier than the plateaus."""
    symmetric: float = 0.0
    """Fraction of the rest of T replaced by symmetric noise, as the noise has no direction."""
    by_margin: float = 0.0
    """Fraction of the posterior's log-odds replaced by the margin of the most probable other class."""


@dataclass(frozen=True)
class Signs:
    """Whether label noise has a direction."""

    directed: float = 0.0
    """Fraction of the plateaus' disagreement, by `directed_fraction`."""
    same: float = 0.0
    """Fraction of wrong labels on the plateaus, by `sameness`."""
    spread: float = 0.0
    """Of labels drawn at random over the classes, ``ClassDraws.spread``; 0 if nothing is drawn."""
    same_drawn: float = 0.0
    """`sameness` of the classes that have most draws."""


def ranking_shares(readings: Readings, signs: Signs, *, n_classes: int) -> RankingShares:
    """How far T is believed, and what ranks in its place.

    Parameters
    ----------
    readings : the noise rate as several instruments show it.
    n_classes : of two classes, noise without a direction is symmetric.
    """
    if readings.stray_folds or readings.joint <= 0:
        return RankingShares()
    by_labels, by_probs = readings.gaps()
    unexplained = readings.symmetric_share()
    if n_classes == 2:
        believed = soft_step(signs.directed, *DIRECTED_OF_TWO) * (1 - soft_step(by_labels, *MISSING_LABELS_OF_TWO))
        unexplained *= 1 - believed
        return RankingShares(unexplained, 1 - believed, min(1.0, MARGIN_SHARE * unexplained))
    hard = soft_step(by_probs, *MISSING_PROBS) * soft_step(by_labels, *MISSING_LABELS)
    believed = soft_step(signs.directed, *DIRECTED) * (1 - hard)
    share = readings.uniform_fraction()
    drawn = soft_step(share, *UNIFORM)
    believed *= 1 - soft_step(share, *MOSTLY_UNIFORM) * (1 - soft_step(by_probs, *IN_DOUBT)) / 2
    believed *= 1 - drawn * soft_step(signs.spread, *ONE_CLASS) * (1 - soft_step(signs.same_drawn, *SAME))
    believed += (1 - believed) * drawn * soft_step(signs.same, *SAME)
    unexplained *= 1 - drawn
    by_margin = (1 - believed) * (1 - drawn) * soft_step(by_probs, *HARD_ROWS)
    by_margin = max(by_margin, min(1.0, MARGIN_SHARE * unexplained))
    return RankingShares(unexplained, MOST_SYMMETRIC * (1 - believed) * drawn, by_margin)
