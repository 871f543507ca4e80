"""The rows whose target is wrong, with the value that each should have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.targets.error_mixture import ErrorMixture, error_mixture, every_row, log_odds, rate_interval
from dechaff.methods.targets.local_residuals import LocalResiduals, local_residuals
from dechaff.typing import Mask, Numbers, Score

SHARES_OF_LOCAL_SCALE = (0.0, 0.5, 1.0)
"""How far the usual size of residuals may depend on the prediction; the likelihood chooses."""
SMALLEST = 1e-6


@dataclass(frozen=True)
class JudgedTargets:
    """What is wrong with the targets of n rows."""

    score: Score
    """Probability that the target is wrong."""
    log_odds: Numbers
    """The same as log-odds, which do not tie where the score reaches 1."""
    flag: Mask
    """Targets that are more likely wrong than right."""
    suggested: Numbers
    """The value to expect in place of the given one."""
    scale: Numbers
    """Usual distance of good targets from `suggested`."""
    rate: float
    """Share of targets that are wrong."""
    rate_low: float
    rate_high: float
    """95 % interval of the rate."""


def judge_targets(targets: Numbers, predictions: Numbers) -> JudgedTargets:
    """The rows whose target is probably wrong, and what to expect instead.

    Residuals are measured by their usual size near the same prediction as far as the likelihood asks for it, and told
    apart by a mixture of good and wrong ones. Blind to errors that are smaller than the model's own scatter; where the
    model is poor in some region, good targets there look wrong.

    Parameters
    ----------
    targets : (n,) float
        Given targets, finite; may be wrong.
    predictions : (n,) float
        Out-of-fold predictions, finite. In-sample ones hide errors.

    Returns
    -------
    JudgedTargets

    Source
    ------
    This library: `local_residuals` and `error_mixture`. Measured beside cleanlab 2.9 in
    ``benchmarks/other_label_errors.py``.

    Examples
    --------
    >>> import numpy as np
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
    scale, mixture = _best_scale(local)
    units = local.residual / scale
    odds = log_odds(mixture, units)
    low, high = rate_interval(mixture, units)
    return JudgedTargets(
        score=np.exp(-np.logaddexp(0, -odds)),
        log_odds=odds,
        flag=np.asarray((odds > 0) & (mixture.rate > 0)),
        suggested=local.centre + mixture.centre * scale,
        scale=scale * mixture.scale,
        rate=mixture.rate,
        rate_low=low,
        rate_high=high,
    )


def _best_scale(local: LocalResiduals) -> tuple[Numbers, ErrorMixture]:
    """The scale of largest likelihood; dividing by it stretches the density, hence the logarithm."""
    scales = [local.scale**share * local.overall ** (1 - share) for share in SHARES_OF_LOCAL_SCALE]
    least = max(local.step / local.overall, SMALLEST)
    fits = [error_mixture(local.residual / scale, least_scale=least) for scale in scales]
    fitted = every_row(len(local.scale))
    total = [fit.log_likelihood - np.log(scale[fitted]).sum() for fit, scale in zip(fits, scales, strict=True)]
    best = int(np.argmax(total))
    return scales[best], fits[best]
