"""c by the median of four estimators that err in different ways, each with its bootstrap interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.best_bin import best_bin, top_bin
from dechaff.methods.pu.class_prior.dedpul import dedpul
from dechaff.methods.pu.class_prior.elkan_noto import e1, e2, e3
from dechaff.methods.pu.class_prior.plateau import plateau
from dechaff.methods.pu.scheme import Scheme, class_prior

ClassPriorEstimator = Callable[[BinnedScores], float]

MEMBERS: tuple[ClassPriorEstimator, ...] = (best_bin, top_bin, dedpul, plateau)
"""BBE is too low if no region is pure, the top bin too high if few rows are labelled, the others in between."""
OTHERS: tuple[ClassPriorEstimator, ...] = (e1, e2, e3)
COVERAGE = 0.95


@dataclass(frozen=True)
class PUEstimate:
    """One estimator's c = p(s = 1 | y = 1) and class prior, with 95 % intervals."""

    name: str
    """Name of the function."""
    c: float
    c_low: float
    c_high: float
    class_prior: float
    class_prior_low: float
    class_prior_high: float
    used: bool
    """Whether ``predict`` uses this c."""

    def cells(self) -> tuple[str, ...]:
        """The printed row."""
        return (
            self.name,
            f"{self.c:.3f}",
            f"{self.c_low:.3f} to {self.c_high:.3f}",
            f"{self.class_prior:.3f}",
            f"{self.class_prior_low:.3f} to {self.class_prior_high:.3f}",
            "used by predict" if self.used else "",
        )


def consensus(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the median of four estimates.

    The four go by the purest threshold, the richest threshold, the ratio of densities and the shape of the whole
    curve. If they differ much, c is not identifiable from these scores: no row is certainly positive.

    Parameter and result as in `e1`.

    Source
    ------
    The median of `best_bin` (Garg et al. 2021), `top_bin` (Scott 2015), `dedpul` (Ivanov 2020) and `plateau` (Perla
    2013); that their median beats each of them is our own measurement.

    Examples
    --------
    >>> odds = np.linspace(2, -4, 25)
    >>> labelled = 0.4 / (1 + np.exp(-4 * odds))
    >>> round(consensus(BinnedScores(1 / (1 + np.exp(-odds)), 1000 * labelled, 1000 * (1 - labelled))), 2)
    0.4
    """
    return float(np.median([member(binned) for member in MEMBERS]))


def estimates(
    binned: BinnedScores,
    *,
    scheme: Scheme = "single-training-set",
    used: str | None = None,
    n_bootstraps: int = 200,
    seed: int = 0,
) -> tuple[PUEstimate, ...]:
    """Every estimate of c and the class prior it implies, with intervals: e1 to e3, the four members, the consensus.

    The consensus is taken anew of each bootstrap, so that its interval is its own and not that of a member. Bootstraps
    are of scores and labels; the model is not trained again. A maximum over thresholds is higher still in a resample,
    so the bootstraps lie off the estimate, mostly above; each interval therefore holds that of the quantiles and its
    mirror image about the estimate. The intervals of e1, e2 and e3 are tight around values that are wrong where
    classes overlap.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g
    scheme : "single-training-set" or "case-control"
        How the rows were sampled.
    used : name of the estimate that a classifier uses, or None
    n_bootstraps : at least 1
    seed : decides the bootstraps.

    Returns
    -------
    tuple of PUEstimate, names as the functions'

    Source
    ------
    Efron, Tibshirani (1993), An introduction to the bootstrap, section 13.3 (quantiles) and Davison, Hinkley (1997),
    Bootstrap methods and their application, section 2.4 (mirrored, "basic"). Differs: the hull of both.

    Examples
    --------
    >>> odds = np.linspace(2, -4, 25)
    >>> share = 0.4 / (1 + np.exp(-4 * odds))
    >>> found = estimates(BinnedScores(1 / (1 + np.exp(-odds)), 99 * share, 99 * (1 - share)), n_bootstraps=50)
    >>> [one.name for one in found]
    ['e1', 'e2', 'e3', 'best_bin', 'top_bin', 'dedpul', 'plateau', 'consensus']
    >>> found[-1].c_low < 0.4 < found[-1].c_high
    True
    """
    random = np.random.default_rng(seed)
    drawn = np.array([_every_estimate(binned.resampled(random)) for _ in range(n_bootstraps)])
    quantiles = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
    names = [*(one.__name__ for one in (*OTHERS, *MEMBERS)), consensus.__name__]
    found = []
    for name, c, quantile in zip(names, _every_estimate(binned), quantiles.T.tolist(), strict=True):
        low, high = _hull(c, *quantile)
        # The prior decreases with c, so its lower bound comes from the upper bound of c.
        prior, least, most = (
            class_prior(one, binned.n_labelled, binned.n_unlabelled, scheme) for one in (c, high, low)
        )
        found.append(PUEstimate(name, c, low, high, prior, least, most, used=name == used))
    return tuple(found)


def _hull(c: float, low: float, high: float) -> tuple[float, float]:
    """The interval together with its mirror image about c; as ratios, so that c stays above 0."""
    return min(low, c * c / high), min(max(high, c * c / low), 1.0)


def _every_estimate(binned: BinnedScores) -> list[float]:
    members = [member(binned) for member in MEMBERS]
    return [*(other(binned) for other in OTHERS), *members, float(np.median(members))]
