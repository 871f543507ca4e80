"""Residuals of two kinds, good ones with tails as heavy as they need and wrong ones: what all such mixtures share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from dechaff.typing import Numbers

TAILS = (2.0, 3.0, 6.0, 30.0)
"""Degrees of freedom of the good residuals: from very heavy to nearly normal."""
ROUNDS = 60
SETTLED = 0.01
"""Log-likelihood that a round must gain."""
FIRST_RATE = 0.1
_LIGHT = 30.0
_NO_RESIDUAL = 1e-12
MOST_RATE = 0.95
MOST_BELIEVED = 0.45
"""A larger fraction is no set of targets with errors but one that the model does not explain: of hours worked, half are
40, and the rest scatter far more widely."""
LEAST_GAIN = 2.0
"""Log-likelihood that errors must gain over heavy tails alone, beside half the logarithm of n a parameter."""
SAMPLE = 10_000
"""Rows, evenly spaced, that fit a mixture: its few numbers need no more."""


@dataclass(frozen=True)
class Scatter:
    """Standardised residuals about a centre, by Student's distribution."""

    tails: float
    """Degrees of freedom."""
    centre: float = 0.0
    scale: float = 1.0

    def log_density(self, units: Numbers) -> Numbers:
        """Of each residual."""
        return tail_log_density((units - self.centre) / self.scale, self.tails) - math.log(self.scale)

    def fitted(self, units: Numbers, share: Numbers, least_scale: float, *, centre: float | None = None) -> Scatter:
        """One step of EM: centre, unless it is given, and scale, where each residual belongs here by its `share`."""
        reduced = (units - self.centre) / self.scale
        weights = share * (self.tails + 1) / (self.tails + reduced**2)
        total = max(float(share.sum()), 1e-12)
        if centre is None:
            centre = float(weights @ units / max(float(weights.sum()), 1e-12))
        scale = math.sqrt(float(weights @ (units - centre) ** 2) / total)
        return replace(self, centre=centre, scale=max(scale, least_scale))


@dataclass(frozen=True)
class TwoSided:
    """Standardised residuals of either sign with a gap about zero, as few wrong targets are nearly right.

    Their size is nearly Maxwell's: the length of a vector in three dimensions whose parts follow Student's distribution
    with 30 degrees of freedom.
    """

    scale: float = 1.0
    """Of each part: sizes are 1.6 times as large on average."""

    def log_density(self, units: Numbers) -> Numbers:
        """Of each residual."""
        squares, power = np.square(units / self.scale), (_LIGHT + 3) / 2
        constant = math.lgamma(power) - math.lgamma(_LIGHT / 2) - math.lgamma(1.5) - 1.5 * math.log(_LIGHT)
        near_zero = np.log(np.maximum(squares, _NO_RESIDUAL))
        return np.asarray(constant - math.log(self.scale) + near_zero - power * np.log1p(squares / _LIGHT))

    def fitted(self, units: Numbers, share: Numbers) -> TwoSided:
        """One step of EM for the scale, where each residual belongs here by its `share`."""
        weights = share * (_LIGHT + 3) / (_LIGHT + np.square(units / self.scale))
        scale = math.sqrt(float(weights @ units**2) / max(3 * float(share.sum()), 1e-12))
        return TwoSided(max(scale, 1e-12))


@dataclass(frozen=True)
class ResidualMixture:
    """Good and wrong residuals together; `log_odds` separates them."""

    rate: float
    """Fraction of wrong targets."""
    good: Scatter
    wrong: Scatter | TwoSided | Numbers = field(repr=False)
    """How the wrong ones scatter; or (n,) log-density of each row's target, if it is wrong and may be any value."""
    log_likelihood: float = -math.inf
    """Of the residuals that fitted it."""

    def wrong_log_density(self, units: Numbers) -> Numbers:
        """Of each standardised residual, if its target is wrong."""
        return self.wrong if isinstance(self.wrong, np.ndarray) else self.wrong.log_density(units)


def likeliest(mixtures: list[ResidualMixture]) -> ResidualMixture:
    """The mixture of largest likelihood; the first of equal ones."""
    return max(mixtures, key=lambda mixture: mixture.log_likelihood)


def price(n_rows: int) -> float:
    """Log-likelihood that a mixture with wrong targets must have over one without."""
    return LEAST_GAIN + 0.5 * math.log(n_rows)


def every_row(n_rows: int) -> slice:
    """The rows that fit a mixture."""
    return slice(None, None, 1 + n_rows // SAMPLE)


def tail_log_density(units: Numbers, freedom: float) -> Numbers:
    """Logarithm of Student's density; ``scipy.stats`` takes ten times as long for it."""
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    return np.asarray(constant - (freedom + 1) / 2 * np.log1p(units * units / freedom))


def log_odds(mixture: ResidualMixture, units: Numbers) -> Numbers:
    """Log-odds that each standardised residual belongs to a wrong target."""
    rate = float(np.clip(mixture.rate, 1e-6, MOST_RATE))
    apart = mixture.wrong_log_density(units) - mixture.good.log_density(units)
    return np.asarray(math.log(rate) - math.log1p(-rate) + apart)


def log_likelihood(mixture: ResidualMixture, units: Numbers, odds: Numbers) -> float:
    """Of these residuals, whose `log_odds` are known."""
    return float((np.logaddexp(0, odds) + math.log1p(-mixture.rate) + mixture.good.log_density(units)).sum())


def fitted_by_em(
    mixture: ResidualMixture, units: Numbers, step: Callable[[ResidualMixture, Numbers], ResidualMixture]
) -> ResidualMixture:
    """The mixture after rounds of EM; a step gets the probability of each residual to be wrong (n,)."""
    for _ in range(ROUNDS):
        odds = log_odds(mixture, units)
        total = log_likelihood(mixture, units, odds)
        if total - mixture.log_likelihood < SETTLED:
            return replace(mixture, log_likelihood=total)
        mixture = replace(step(mixture, np.exp(-np.logaddexp(0, -odds))), log_likelihood=total)
    return mixture


def rate_interval(mixture: ResidualMixture, units: Numbers) -> tuple[float, float]:
    """95 % interval of the rate, the densities taken as known: from the curvature of the likelihood."""
    if not len(units):
        return 0.0, 1.0
    wrong, good = np.exp(mixture.wrong_log_density(units)), np.exp(mixture.good.log_density(units))
    mixed = mixture.rate * wrong + (1 - mixture.rate) * good
    slopes = (wrong - good) / np.maximum(mixed, np.finfo(float).tiny)
    error = 1 / math.sqrt(max(float(slopes @ slopes), 1e-12))
    return max(0.0, mixture.rate - 1.96 * error), min(1.0, mixture.rate + 1.96 * error)
