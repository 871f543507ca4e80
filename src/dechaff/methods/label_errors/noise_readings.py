"""Estimates of the noise rate by several methods, and the consequence of their disagreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
