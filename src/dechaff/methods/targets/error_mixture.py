"""Which residuals are no ordinary scatter: good targets with tails as heavy as they need, and wrong ones far off."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dechaff.typing import Numbers

TAILS = (2.0, 3.0, 6.0, 30.0)
"""Degrees of freedom of the good residuals: from very heavy to nearly normal."""
ALONE = TAILS[1:]
"""Those that good residuals may have where no target is wrong. The heaviest would explain away a fifth of wrong
targets; beside wrong ones it stays, and takes the rate down where tails are that heavy."""
ERROR_TAILS = 4.0
LEAST_WIDTH = 3.0
"""Wrong targets scatter at least this many times as widely as good ones: nearer ones cannot be told from them."""
LEAST_DISTANCE = 3.5
"""A centre of their own is believed of wrong targets this many scatters away: a nearer one is the skew of good ones."""
ROUNDS = 60
SETTLED = 0.01
"""Log-likelihood that a round must gain."""
FIRST_RATE = 0.1
MOST_RATE = 0.95
LEAST_GAIN = 5.0
"""Log-likelihood that errors must gain over heavy tails alone, beside half the logarithm of n a parameter: the
evidence that one set of good targets in some thousands gives by chance."""
SAMPLE = 10_000
"""Rows, evenly spaced, that fit the mixture: its seven numbers need no more."""


@dataclass(frozen=True)
class ErrorMixture:
    """Two kinds of standardised residuals; `log_odds` tells them apart."""

    rate: float
    """Share of wrong targets."""
    tails: float
    """Degrees of freedom of the good residuals."""
    centre: float
    scale: float
    """Of the good residuals."""
    error_centre: float
    error_scale: float
    """Of the wrong ones."""
    log_likelihood: float


def every_row(n_rows: int) -> slice:
    """The rows that fit the mixture."""
    return slice(None, None, 1 + n_rows // SAMPLE)


def tail_log_density(units: Numbers, freedom: float) -> Numbers:
    """Logarithm of Student's density; ``scipy.stats`` takes ten times as long for it."""
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    return np.asarray(constant - (freedom + 1) / 2 * np.log1p(units * units / freedom))


def log_odds(mixture: ErrorMixture, units: Numbers) -> Numbers:
    """Log-odds that each standardised residual belongs to a wrong target."""
    rate = float(np.clip(mixture.rate, 1e-6, MOST_RATE))
    wrong, good = _log_densities(mixture, units)
    return np.asarray(math.log(rate) - math.log1p(-rate) + wrong - good)


def error_mixture(units: Numbers, *, least_scale: float = 1e-6) -> ErrorMixture:
    """The mixture of good and wrong residuals that explains these best; rate 0 where heavy tails do as well.

    Good residuals follow Student's distribution with 2, 3, 6 or 30 degrees of freedom, wrong ones a distribution at
    least three times as wide, about the same centre or, if the likelihood says so plainly, about one of their own
    (targets that are all too high). Errors are believed only where no heavy tail alone explains the residuals as well,
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
    >>> import numpy as np
    >>> units = np.random.default_rng(0).normal(size=1000)
    >>> error_mixture(units).rate
    0.0
    >>> units[:200] += 10
    >>> round(error_mixture(units).rate, 2)
    0.2
    """
    sample = units[every_row(len(units))]
    alone = max((_fit_alone(sample, tails, least_scale) for tails in ALONE), key=_likelihood)
    if len(sample) < 2:
        return alone
    spread = max((_fit(sample, tails, least_scale, may_move=False) for tails in TAILS), key=_likelihood)
    moved = max((_fit(sample, tails, least_scale, may_move=True) for tails in TAILS), key=_likelihood)
    price = LEAST_GAIN + 0.5 * math.log(len(sample))
    apart = abs(moved.error_centre - moved.centre) > LEAST_DISTANCE * moved.scale
    best = moved if apart and _likelihood(moved) > _likelihood(spread) + price else spread
    return best if _likelihood(best) > _likelihood(alone) + price else alone


def rate_interval(mixture: ErrorMixture, units: Numbers) -> tuple[float, float]:
    """95 % interval of the rate, the densities taken as known: from the curvature of the likelihood."""
    if not len(units):
        return 0.0, 1.0
    wrong, good = (np.exp(part) for part in _log_densities(mixture, units))
    mixed = mixture.rate * wrong + (1 - mixture.rate) * good
    slopes = (wrong - good) / np.maximum(mixed, np.finfo(float).tiny)
    error = 1 / math.sqrt(max(float(slopes @ slopes), 1e-12))
    return max(0.0, mixture.rate - 1.96 * error), min(1.0, mixture.rate + 1.96 * error)


def _likelihood(mixture: ErrorMixture) -> float:
    return mixture.log_likelihood


def _log_densities(mixture: ErrorMixture, units: Numbers) -> tuple[Numbers, Numbers]:
    wrong = tail_log_density((units - mixture.error_centre) / mixture.error_scale, ERROR_TAILS)
    good = tail_log_density((units - mixture.centre) / mixture.scale, mixture.tails)
    return wrong - math.log(mixture.error_scale), good - math.log(mixture.scale)


def _fit_alone(units: Numbers, tails: float, least: float) -> ErrorMixture:
    """Good residuals only."""
    mixture = ErrorMixture(0.0, tails, 0.0, 1.0, 0.0, 2 * LEAST_WIDTH, 0.0)
    for _ in range(ROUNDS):
        mixture = _good_part(mixture, units, np.ones(len(units)), least)
    total = float(_log_densities(mixture, units)[1].sum())
    return replace(mixture, error_scale=2 * LEAST_WIDTH * mixture.scale, log_likelihood=total)


def _fit(units: Numbers, tails: float, least: float, *, may_move: bool) -> ErrorMixture:
    far = units[np.abs(units) > LEAST_WIDTH]
    width = float(np.sqrt(np.mean(far**2))) if len(far) else 2 * LEAST_WIDTH
    mixture = ErrorMixture(FIRST_RATE, tails, 0.0, 1.0, 0.0, width, -math.inf)
    for _ in range(ROUNDS):
        odds = log_odds(mixture, units)
        total = float((np.logaddexp(0, odds) + math.log1p(-mixture.rate) + _log_densities(mixture, units)[1]).sum())
        if total - mixture.log_likelihood < SETTLED:
            return replace(mixture, log_likelihood=total)
        posterior = np.exp(-np.logaddexp(0, -odds))
        mixture = _good_part(mixture, units, 1 - posterior, least)
        mixture = _wrong_part(mixture, units, posterior, may_move=may_move)
        mixture = replace(mixture, rate=min(float(posterior.mean()), MOST_RATE), log_likelihood=total)
    return mixture


def _good_part(mixture: ErrorMixture, units: Numbers, share: Numbers, least: float) -> ErrorMixture:
    reduced = (units - mixture.centre) / mixture.scale
    weights = share * (mixture.tails + 1) / (mixture.tails + reduced**2)
    total = max(float(share.sum()), 1e-12)
    centre = float(weights @ units / max(float(weights.sum()), 1e-12))
    scale = math.sqrt(float(weights @ (units - centre) ** 2) / total)
    return replace(mixture, centre=centre, scale=max(scale, least))


def _wrong_part(mixture: ErrorMixture, units: Numbers, share: Numbers, *, may_move: bool) -> ErrorMixture:
    reduced = (units - mixture.error_centre) / mixture.error_scale
    weights = share * (ERROR_TAILS + 1) / (ERROR_TAILS + reduced**2)
    total = max(float(share.sum()), 1e-12)
    centre = float(weights @ units / max(float(weights.sum()), 1e-12)) if may_move else mixture.centre
    scale = math.sqrt(float(weights @ (units - centre) ** 2) / total)
    return replace(mixture, error_centre=centre, error_scale=max(scale, LEAST_WIDTH * mixture.scale))
