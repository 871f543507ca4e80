"""The rows whose target is wrong, with the value that each should have."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from dechaff.methods.targets.anywhere_mixture import anywhere_log_density, anywhere_mixture
from dechaff.methods.targets.error_mixture import error_mixture, no_error
from dechaff.methods.targets.local_residuals import LocalResiduals, local_residuals
from dechaff.methods.targets.residual_mixture import (
    LEAST_GAIN,
    ResidualMixture,
    TwoSided,
    every_row,
    log_odds,
    price,
    rate_interval,
)
from dechaff.typing import Mask, Numbers, Score

SHARES_OF_LOCAL_SCALE = (0.0, 0.5, 1.0)
"""How far the usual size of residuals may depend on the prediction; the likelihood chooses."""
SMALLEST = 1e-6
LIKELIHOOD = attrgetter("log_likelihood")
NO_TIE = 1e-6
LEAST_FLAGGED = 0.4
"""Lowest probability of a flagged target, if wrong ones may be any value: many of them are nearly right, and never more
likely wrong."""
LEAST_STEP = 0.5
"""Good targets scatter at least by so many steps, where they are whole numbers or the like."""


@dataclass(frozen=True)
class JudgedTargets:
    """What is wrong with the targets of n rows."""

    score: Score
    """Probability that the target is wrong."""
    log_odds: Numbers
    """The same as log-odds, which do not tie where the score reaches 1."""
    flag: Mask
    """Targets that are more likely wrong than right; if wrong ones may be any value, those that raise the expected F1,
    with a probability of at least .4."""
    suggested: Numbers
    """The value to expect in place of the given one."""
    scale: Numbers
    """Usual distance of good targets from `suggested`."""
    rate: float
    """Fraction of targets that are wrong."""
    rate_low: float
    rate_high: float
    """95 % interval of the rate, over all readings of the residuals that are believed."""


def judge_targets(targets: Numbers, predictions: Numbers) -> JudgedTargets:
    """The rows whose target is probably wrong, and what to expect instead.

    Residuals are measured by their usual size near the same prediction as far as the likelihood asks for it, and
    separated by a mixture of good and wrong ones: wrong ones scatter more widely, or have values from anywhere,
    whichever the likelihood prefers. Blind to errors that are smaller than the model's own scatter; where the model is
    poor in some region, good targets there look wrong.

    Parameters
    ----------
    targets : (n,) float
        Given targets, finite; may be wrong.
    predictions : (n,) float
        Out-of-fold predictions, finite. In-sample ones hide errors.

    Source
    ------
    This library: `local_residuals`, `error_mixture` and `anywhere_mixture`; Lipton, Elkan, Naryanaswamy (2014),
    ECML-PKDD, for flags of largest expected F1. Measured beside cleanlab 2.9 in ``benchmarks/target_errors.py``.

    Examples
    --------
    >>> predictions = np.linspace(0, 10, 500)
    >>> targets = predictions + np.random.default_rng(0).normal(size=500)
    >>> targets[:3] += 20
    >>> found = judge_targets(targets, predictions)
    >>> np.flatnonzero(found.flag), round(found.rate, 2)
    (array([0, 1, 2]), 0.01)
    """
    local = local_residuals(targets, predictions)
    if not len(targets):
        return JudgedTargets(targets, targets, np.zeros(0, dtype=bool), targets, targets, 0.0, 0.0, 1.0)
    fits = _fits(targets, local)
    best = _best(fits)
    scale, mixture = best.scale, best.mixture
    odds = _odds(mixture, local.residual / scale)
    low, high = _rate_span(fits, local.residual)
    return JudgedTargets(
        score=np.exp(-np.logaddexp(0, -odds)),
        log_odds=odds,
        flag=np.asarray((odds > _bound(mixture, odds)) & (mixture.rate > 0)),
        suggested=local.centre + mixture.good.centre * scale,
        scale=scale * mixture.good.scale,
        rate=mixture.rate,
        rate_low=low,
        rate_high=high,
    )


def _odds(mixture: ResidualMixture, units: Numbers) -> Numbers:
    """Log-odds of each row; by errors of either sign, a larger residual is never the better one.

    Their density ends before the tails of good residuals do, so that a target a hundred times too large would be right.
    """
    odds = log_odds(mixture, units)
    if not isinstance(mixture.wrong, TwoSided):
        return odds
    sizes = np.abs(units - mixture.good.centre)
    order = np.argsort(sizes, kind="stable")
    least = np.empty(len(odds))
    least[order] = np.maximum.accumulate(odds[order])
    return np.asarray(np.where(odds < least, least + NO_TIE * np.log1p(sizes), odds))


def _bound(mixture: ResidualMixture, odds: Numbers) -> float:
    """Log-odds above which a target is flagged: half of the largest expected F1, as flags with less lower it."""
    if not isinstance(mixture.wrong, np.ndarray):
        return 0.0
    score = np.sort(np.exp(-np.logaddexp(0, -odds)))[::-1]
    expected = 2 * np.cumsum(score) / (np.arange(1, len(score) + 1) + score.sum())
    bound = float(np.clip(expected.max() / 2, LEAST_FLAGGED, 0.5))
    return float(np.log(bound / (1 - bound)))


class _Fit(NamedTuple):
    log_likelihood: float
    """Of the residuals as they are: dividing them by a scale stretches the density."""
    scale: Numbers
    mixture: ResidualMixture


def _fits(targets: Numbers, local: LocalResiduals) -> list[_Fit]:
    """All mixtures that are believed, at all scales."""
    fits: list[_Fit] = []
    for share in SHARES_OF_LOCAL_SCALE:
        scale = local.scale**share * local.overall ** (1 - share)
        stretch = float(np.log(scale[every_row(len(scale))]).sum())
        fits += [_Fit(one.log_likelihood - stretch, scale, one) for one in _mixtures(targets, local, scale)]
    return fits


def _mixtures(targets: Numbers, local: LocalResiduals, scale: Numbers) -> list[ResidualMixture]:
    units, least = local.residual / scale, max(LEAST_STEP * local.step / local.overall, SMALLEST)
    wider = error_mixture(units, least_scale=least)
    anywhere = anywhere_mixture(units, anywhere_log_density(targets) + np.log(scale), least_scale=least)
    needed = no_error(units, least_scale=least).log_likelihood + price(len(units[every_row(len(units))]))
    return [wider] if anywhere is None or anywhere.log_likelihood <= needed else [wider, anywhere]


def _best(fits: list[_Fit]) -> _Fit:
    """The likeliest; values from anywhere only if they explain the residuals plainly better."""
    wider = max((fit for fit in fits if not isinstance(fit.mixture.wrong, np.ndarray)), key=LIKELIHOOD)
    best = max(fits, key=LIKELIHOOD)
    return best if best.log_likelihood > wider.log_likelihood + LEAST_GAIN else wider


def _rate_span(fits: list[_Fit], residual: Numbers) -> tuple[float, float]:
    """From the lowest to the highest rate that any fit allows: the kind of error is less sure than all the rest."""
    spans = [rate_interval(fit.mixture, residual / fit.scale) if fit.mixture.rate > 0 else (0.0, 0.0) for fit in fits]
    return min(low for low, _ in spans), max(high for _, high in spans)
