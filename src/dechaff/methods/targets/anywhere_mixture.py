"""Wrong targets that may be any value at all, as those that belong to another row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dechaff.methods.targets.residual_mixture import (
    FIRST_RATE,
    MOST_BELIEVED,
    TAILS,
    ResidualMixture,
    Scatter,
    every_row,
    fitted_by_em,
    likeliest,
)
from dechaff.typing import Numbers

_LEAST_RATE = 1e-6
_POINTS = 2048
_REACH = 4.0
"""Widths of the kernel, either way."""


def anywhere_mixture(units: Numbers, anywhere: Numbers, *, least_scale: float = 1e-6) -> ResidualMixture | None:
    """The mixture of good residuals and of targets from anywhere that explains these best.

    Parameters
    ----------
    units : (n,) float
        Residuals divided by their usual size (`local_residuals`).
    anywhere : (n,) float
        `anywhere_log_density` of the targets, plus the logarithm of the usual size of their residuals.
    least_scale : float above 0
        Good residuals scatter at least so far.

    Returns
    -------
    ResidualMixture, or None
        None where more than 45 % of the targets would be wrong.

    Source
    ------
    Banfield, Raftery (1993), Biometrics 49, a uniform component for noise among clusters. Differs: good residuals have
    tails, chosen by likelihood, and half of the component has the density of the targets.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> targets = rng.uniform(0, 100, 1000)
    >>> units = rng.normal(size=1000)
    >>> units[:200] = (targets - rng.permutation(targets))[:200]
    >>> round(anywhere_mixture(units, anywhere_log_density(targets)).rate, 1)
    0.2
    """
    some = every_row(len(units))
    fits = [_fit(units[some], anywhere[some], tails, least_scale) for tails in TAILS]
    believed = [fit for fit in fits if fit.rate <= MOST_BELIEVED]
    return replace(likeliest(believed), wrong=anywhere) if believed else None


def anywhere_log_density(targets: Numbers) -> Numbers:
    """Log-density of each target, if it is any value: half as they are spread, half evenly over their range.

    Parameters
    ----------
    targets : (n,) float, n >= 1

    Returns
    -------
    (n,) float

    Source
    ------
    Silverman (1986), Density Estimation, equation 3.31, for the width of the Gaussian kernel.

    Examples
    --------
    >>> anywhere_log_density(np.array([0.0, 0.0, 0.0, 1.0])).argmin()
    np.int64(3)
    """
    low, high = float(targets.min()), float(targets.max())
    extent = high - low
    if extent <= 0:
        return np.zeros(len(targets))
    width = max(_kernel_width(targets), extent / _POINTS)
    places = np.linspace(low, high, _POINTS)
    step = places[1] - places[0]
    counts = np.bincount(np.rint((targets - low) / step).astype(np.int64), minlength=_POINTS)
    reach = int(min(_REACH * width / step + 1, _POINTS))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width) ** 2)
    spread = np.convolve(counts, kernel / kernel.sum())[reach : reach + _POINTS] / (len(targets) * step)
    return np.asarray(np.log(0.5 * np.interp(targets, places, spread) + 0.5 / extent))


def _kernel_width(targets: Numbers) -> float:
    low, high = np.percentile(targets, [25, 75])
    spread = float(targets.std())
    if high > low:
        spread = min(spread, float(high - low) / 1.349)
    return float(0.9 * spread * len(targets) ** -0.2)


def _fit(units: Numbers, anywhere: Numbers, tails: float, least: float) -> ResidualMixture:
    def step(mixture: ResidualMixture, wrong: Numbers) -> ResidualMixture:
        rate = float(np.clip(wrong.mean(), _LEAST_RATE, 1 - _LEAST_RATE))
        return replace(mixture, rate=rate, good=mixture.good.fitted(units, 1 - wrong, least))

    return fitted_by_em(ResidualMixture(FIRST_RATE, Scatter(tails), anywhere), units, step)
