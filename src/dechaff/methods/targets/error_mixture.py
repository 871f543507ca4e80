"""Which residuals are no ordinary scatter: good targets with tails as heavy as they need, and wrong ones far off."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dechaff.methods.targets.residual_mixture import (
    FIRST_RATE,
    MOST_RATE,
    ROUNDS,
    TAILS,
    GoodResiduals,
    every_row,
    fitted_by_em,
    likeliest,
    price,
    tail_log_density,
)
from dechaff.typing import Numbers

ALONE = TAILS[1:]
"""Those that good residuals may have where no target is wrong. The heaviest would explain away a fifth of wrong
targets; beside wrong ones it stays, and takes the rate down where tails are that heavy."""
ERROR_TAILS = 4.0
LEAST_WIDTH = 3.0
"""Wrong targets scatter at least this many times as widely as good ones: nearer ones cannot be told from them."""
LEAST_DISTANCE = 3.5
"""A centre of their own is believed of wrong targets this many scatters away: a nearer one is the skew of good ones."""


@dataclass(frozen=True)
class ErrorMixture:
    """Good residuals, and wrong ones that scatter more widely; `log_odds` separates them."""

    rate: float
    """Share of wrong targets."""
    good: GoodResiduals
    error_centre: float
    error_scale: float
    """Of the wrong ones."""
    log_likelihood: float

    def wrong_log_density(self, units: Numbers) -> Numbers:
        """Of each standardised residual, if its target is wrong."""
        reduced = (units - self.error_centre) / self.error_scale
        return tail_log_density(reduced, ERROR_TAILS) - math.log(self.error_scale)


def error_mixture(units: Numbers, *, least_scale: float = 1e-6) -> ErrorMixture:
    """The mixture of good and wrong residuals that explains these best; rate 0 where heavy tails do as well.

    Good residuals follow Student's distribution with 2, 3, 6 or 30 degrees of freedom, wrong ones a distribution at
    least three times as wide, about the same centre or, if the likelihood says so plainly, about one of their own
    (targets that are all too high). Errors are believed only if no heavy tail alone explains the residuals as well,
    so that good data keep a rate of zero. Wrong targets within the scatter of the good ones are not seen.

    Parameters
    ----------
    units : (n,) float
        Residuals divided by their usual size (`local_residuals`).
    least_scale : float above 0
        Good residuals scatter at least so far, as whole numbers do about their predictions.

    Returns
    -------
    ErrorMixture

    Source
    ------
    Aitkin, Wilson (1980), Technometrics 22, mixture models of outliers by EM; Lange, Little, Taylor (1989), JASA 84,
    for the t distribution. Differs: the tails are chosen by likelihood, and no error by the Bayesian information
    criterion against them.

    Examples
    --------
    >>> units = np.random.default_rng(0).normal(size=1000)
    >>> error_mixture(units).rate
    0.0
    >>> units[:200] += 10
    >>> round(error_mixture(units).rate, 2)
    0.2
    """
    sample = units[every_row(len(units))]
    alone = no_error(units, least_scale=least_scale)
    if len(sample) < 2:
        return alone
    spread = likeliest([_fit(sample, tails, least_scale, may_move=False) for tails in TAILS])
    moved = likeliest([_fit(sample, tails, least_scale, may_move=True) for tails in TAILS])
    apart = abs(moved.error_centre - moved.good.centre) > LEAST_DISTANCE * moved.good.scale
    cost = price(len(sample))
    best = moved if apart and moved.log_likelihood > spread.log_likelihood + cost else spread
    return best if best.log_likelihood > alone.log_likelihood + cost else alone


def no_error(units: Numbers, *, least_scale: float = 1e-6) -> ErrorMixture:
    """Good residuals only, with the tails of largest likelihood."""
    sample = units[every_row(len(units))]
    return likeliest([_fit_alone(sample, tails, least_scale) for tails in ALONE])


def _fit_alone(units: Numbers, tails: float, least: float) -> ErrorMixture:
    good = GoodResiduals(tails)
    for _ in range(ROUNDS):
        good = good.fitted(units, np.ones(len(units)), least)
    return ErrorMixture(0.0, good, 0.0, 2 * LEAST_WIDTH * good.scale, float(good.log_density(units).sum()))


def _fit(units: Numbers, tails: float, least: float, *, may_move: bool) -> ErrorMixture:
    far = units[np.abs(units) > LEAST_WIDTH]
    width = float(np.sqrt(np.mean(far**2))) if len(far) else 2 * LEAST_WIDTH

    def step(mixture: ErrorMixture, wrong: Numbers) -> ErrorMixture:
        rate, good = min(float(wrong.mean()), MOST_RATE), mixture.good.fitted(units, 1 - wrong, least)
        return _wrong_part(replace(mixture, rate=rate, good=good), units, wrong, may_move=may_move)

    return fitted_by_em(ErrorMixture(FIRST_RATE, GoodResiduals(tails), 0.0, width, -math.inf), units, step)


def _wrong_part(mixture: ErrorMixture, units: Numbers, share: Numbers, *, may_move: bool) -> ErrorMixture:
    reduced = (units - mixture.error_centre) / mixture.error_scale
    weights = share * (ERROR_TAILS + 1) / (ERROR_TAILS + reduced**2)
    total = max(float(share.sum()), 1e-12)
    centre = float(weights @ units / max(float(weights.sum()), 1e-12)) if may_move else mixture.good.centre
    scale = math.sqrt(float(weights @ (units - centre) ** 2) / total)
    return replace(mixture, error_centre=centre, error_scale=max(scale, LEAST_WIDTH * mixture.good.scale))
