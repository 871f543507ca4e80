"""Which residuals are no ordinary scatter: good targets with tails as heavy as they need, and wrong ones far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.methods.targets.residual_mixture import (
    FIRST_RATE,
    MOST_BELIEVED,
    MOST_RATE,
    ROUNDS,
    TAILS,
    ResidualMixture,
    Scatter,
    TwoSided,
    every_row,
    fitted_by_em,
    likeliest,
    price,
)
from dechaff.typing import Numbers

ALONE = TAILS[1:]
"""Those that good residuals may have where no target is wrong. The heaviest would explain away a fifth of wrong
targets; beside wrong ones it stays, and takes the rate down where tails are that heavy."""
ERROR_TAILS = 4.0
LEAST_GAP = 2.0
"""Wrong targets with a gap about zero scatter at least this many times as widely as good ones: nearer ones are the
shoulders of these."""
LEAST_WIDTH = 3.0
"""Wrong targets scatter at least this many times as widely as good ones: nearer ones cannot be told from them."""
MAXWELL_MEDIAN = 1.54
LEAST_DISTANCE = 3.5
"""A centre of their own is believed of wrong targets this many scatters away: a nearer one is the skew of good ones."""


def error_mixture(units: Numbers, *, least_scale: float = 1e-6) -> ResidualMixture:
    """The mixture of good and wrong residuals that explains these best; rate 0 where heavy tails do as well.

    Good residuals follow Student's distribution with 2, 3, 6 or 30 degrees of freedom, wrong ones a distribution at
    least three times as wide, about the same centre or, if the likelihood says so plainly, about one of their own
    (targets that are all too high) or with a gap about zero (targets shifted either way). Errors are believed only if
    no heavy tail alone explains the residuals as well, so that good data keep a rate of zero. Wrong targets within the
    scatter of the good ones are not seen.

    Parameters
    ----------
    units : (n,) float
        Residuals divided by their usual size (`local_residuals`).
    least_scale : float above 0
        Good residuals scatter at least so far, as whole numbers do about their predictions.

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
    cost = price(len(sample))
    spread = _believed([_fit(sample, tails, least_scale, may_move=False) for tails in TAILS], alone, cost)
    moved = [_fit(sample, tails, least_scale, may_move=True) for tails in TAILS]
    either = [_fit_two_sided(sample, tails, least_scale) for tails in TAILS]
    return _believed([fit for fit in [*moved, *either] if _apart(fit)], spread, cost)


def no_error(units: Numbers, *, least_scale: float = 1e-6) -> ResidualMixture:
    """Good residuals only, with the tails of largest likelihood."""
    sample = units[every_row(len(units))]
    return likeliest([_fit_alone(sample, tails, least_scale) for tails in ALONE])


def _fit_alone(units: Numbers, tails: float, least: float) -> ResidualMixture:
    good = Scatter(tails)
    for _ in range(ROUNDS):
        good = good.fitted(units, np.ones(len(units)), least)
    wrong = Scatter(ERROR_TAILS, scale=2 * LEAST_WIDTH * good.scale)
    return ResidualMixture(0.0, good, wrong, float(good.log_density(units).sum()))


def _fit(units: Numbers, tails: float, least: float, *, may_move: bool) -> ResidualMixture:
    far = units[np.abs(units) > LEAST_WIDTH]
    width = float(np.sqrt(np.mean(far**2))) if len(far) else 2 * LEAST_WIDTH

    def step(mixture: ResidualMixture, wrong: Numbers) -> ResidualMixture:
        good = mixture.good.fitted(units, 1 - wrong, least)
        centre = None if may_move else good.centre
        scatter = _scatter(mixture).fitted(units, wrong, LEAST_WIDTH * good.scale, centre=centre)
        return replace(mixture, rate=min(float(wrong.mean()), MOST_RATE), good=good, wrong=scatter)

    return fitted_by_em(ResidualMixture(FIRST_RATE, Scatter(tails), Scatter(ERROR_TAILS, scale=width)), units, step)


def _fit_two_sided(units: Numbers, tails: float, least: float) -> ResidualMixture:
    """Wrong targets are too high or too low by some amount, with hardly any between."""
    sizes = np.abs(units)
    far = sizes[sizes > LEAST_WIDTH]
    first = TwoSided(float(np.median(far) if len(far) else 2 * LEAST_WIDTH) / MAXWELL_MEDIAN)

    def step(mixture: ResidualMixture, wrong: Numbers) -> ResidualMixture:
        assert isinstance(mixture.wrong, TwoSided)  # as it is made here
        good, sides = mixture.good.fitted(units, 1 - wrong, least), mixture.wrong.fitted(units, wrong)
        return replace(mixture, rate=min(float(wrong.mean()), MOST_RATE), good=good, wrong=sides)

    return fitted_by_em(ResidualMixture(FIRST_RATE, Scatter(tails), first), units, step)


def _believed(fits: list[ResidualMixture], otherwise: ResidualMixture, cost: float) -> ResidualMixture:
    """The likeliest, if it leaves most targets good and explains them plainly better."""
    best = likeliest([otherwise, *(fit for fit in fits if fit.rate <= MOST_BELIEVED)])
    return best if best.log_likelihood > otherwise.log_likelihood + cost else otherwise


def _apart(mixture: ResidualMixture) -> bool:
    if isinstance(mixture.wrong, TwoSided):
        return mixture.wrong.scale > LEAST_GAP * mixture.good.scale
    return abs(_scatter(mixture).centre - mixture.good.centre) > LEAST_DISTANCE * mixture.good.scale


def _scatter(mixture: ResidualMixture) -> Scatter:
    """Of the wrong targets."""
    assert isinstance(mixture.wrong, Scatter)  # as every mixture here is made
    return mixture.wrong
