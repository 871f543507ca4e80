"""Every estimate of c side by side, each with its bootstrap interval and the class prior that it implies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.compromise import compromise, rises_to_nearly_all
from dechaff.methods.pu.class_prior.consensus import MEMBERS, ClassPriorEstimator, consensus
from dechaff.methods.pu.class_prior.elkan_noto import e1, e2, e3
from dechaff.methods.pu.scheme import Scheme, class_prior

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
    void: bool = False
    """Whether this estimator says nothing on such rows: e3 where the labelled fraction rises to nearly all."""

    def cells(self) -> tuple[str, ...]:
        """The printed row."""
        return (
            self.name,
            f"{self.c:.3f}",
            f"{self.c_low:.3f} to {self.c_high:.3f}",
            f"{self.class_prior:.3f}",
            f"{self.class_prior_low:.3f} to {self.class_prior_high:.3f}",
            "used by predict" if self.used else "void: the highest of all scores" if self.void else "",
        )


def estimates(
    binned: BinnedScores,
    *,
    scheme: Scheme = "single-training-set",
    used: str | None = None,
    n_bootstraps: int = 200,
    seed: int = 0,
) -> tuple[PUEstimate, ...]:
    """Every estimate of c and the class prior it implies, with intervals: e1 to e3, the four members, the consensus.

    If the labelled fraction `rises_to_nearly_all`, the `compromise` follows, its interval from the low end of e1's to
    the high end of the consensus'; e3 is void.

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
    whole = _every_estimate(binned)
    spans = {
        name: (c, *_hull(c, *quantile)) for name, c, quantile in zip(names, whole, quantiles.T.tolist(), strict=True)
    }
    rises = rises_to_nearly_all(binned)
    if rises:
        spans[compromise.__name__] = compromise(binned), spans["e1"][1], spans["consensus"][2]
    found = []
    for name, span in spans.items():
        # The prior decreases with c, so its lower bound comes from the upper bound of c.
        prior, most, least = (class_prior(one, binned.n_labelled, binned.n_unlabelled, scheme) for one in span)
        void = rises and name == e3.__name__
        found.append(PUEstimate(name, *span, prior, least, most, used=name == used, void=void))
    return tuple(found)


def _hull(c: float, low: float, high: float) -> tuple[float, float]:
    """The interval together with its mirror image about c; as ratios, so that c stays above 0."""
    return min(low, c * c / high), min(max(high, c * c / low), 1.0)


def _every_estimate(binned: BinnedScores) -> list[float]:
    members = [member(binned) for member in MEMBERS]
    return [*(other(binned) for other in OTHERS), *members, float(np.median(members))]
