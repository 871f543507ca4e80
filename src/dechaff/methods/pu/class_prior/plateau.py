"""c as the height of the plateau of p(s = 1 | x) among rows that are certainly positive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from dechaff.methods.pu.binned_scores import BinnedScores
from dechaff.methods.pu.class_prior.elkan_noto import e2
from dechaff.typing import Numbers

Vector = npt.NDArray[np.float64]

LEAST_SCORE = 1e-3
"""Scores nearer to 0 or 1 count as this near: how sure a model is of what it is sure of says nothing about c."""
USUAL_SLOPE = 2.0
"""Of f along standardised log-odds, before looking."""
SLOPE_SPREAD, INTERCEPT_SPREAD = 1.0, 3.0
"""Standard deviations of the prior: of the logarithm of the slope, and of the intercept."""
EXCESS_SPREAD = 0.3
"""Of the logarithm of c / e2 in the prior: c is seldom twice e2. Without it few labelled rows are read as c = 1."""

_BOUNDS = ((-12.0, 12.0), (-3.0, 4.0), (-30.0, 30.0))
"""Bounds of the log-odds of c, log a and b; never reached with informative data."""
_TINY = 1e-12


@dataclass(frozen=True)
class Plateau:
    """``p(s = 1 | x) = c f(x)`` with ``f = sigmoid(slope * logit(g) + intercept)``: g, calibrated."""

    c: float
    slope: float
    intercept: float

    def positive_probs(self, label_probs: Numbers) -> Numbers:
        """f(x) = p(y = 1 | x) for rows with these scores g; it cannot exceed 1."""
        return np.asarray(expit(self.slope * _log_odds(label_probs) + self.intercept))


def plateau(binned: BinnedScores) -> float:
    """Probability that a positive is labelled, as the height at which the labelled fraction of rows levels off.

    The log-odds of most models, a linear one above all, go on rising where the labelled fraction of rows no longer
    does, and that height is c. It reads the whole curve and not its top alone, so it is steady where few rows are
    labelled. Too high where classes overlap so much that no plateau shows. A g that is calibrated up to its very top
    fits c = 1 as well, and only the prior speaks for less.

    Parameter and result as in `e1`.

    Source
    ------
    Perla (2013), Learning classifiers from positive and unlabeled examples: logistic regression with an upper limit.
    Differs: of the score alone instead of all features, so for any model, and with a weak prior.

    Examples
    --------
    A linear model, whose g rises to 0.9 where no more than 0.4 of the rows are labelled:

    >>> odds = np.linspace(2, -4, 25)
    >>> labelled = 0.4 / (1 + np.exp(-4 * odds))
    >>> round(plateau(BinnedScores(1 / (1 + np.exp(-odds)), 1000 * labelled, 1000 * (1 - labelled))), 2)
    0.4
    """
    return fit_plateau(binned).c


def fit_plateau(binned: BinnedScores) -> Plateau:
    """The whole fit behind `plateau`, which also calibrates g into f = p(y = 1 | x).

    Maximises the likelihood of s ~ Bernoulli(c sigmoid(a z + b)), where z is the standardised log-odds of g, times the
    prior of the constants above. Where all scores tie, all rows are one plateau.

    Parameter as in `e1`.
    """
    counts = binned.labelled + binned.unlabelled
    odds, total = _log_odds(binned.scores), counts.sum()
    middle = counts @ odds / total
    spread = float(np.sqrt(counts @ (odds - middle) ** 2 / total))
    share = binned.n_labelled / total
    if spread < _TINY:
        return Plateau(share, 0.0, np.inf)
    posterior = _Posterior((odds - middle) / spread, binned.labelled, counts, max(e2(binned), share))
    found = minimize(posterior.cost, posterior.start(), jac=True, method="L-BFGS-B", bounds=_BOUNDS)
    c, slope, intercept = _parameters(found.x)
    return Plateau(c, slope / spread, intercept - slope * float(middle) / spread)


@dataclass(frozen=True)
class _Posterior:
    """How probable theta = (log-odds of c, log a, b) is, given labelled rows and all rows at each z."""

    z: Vector
    labelled: Vector
    counts: Vector
    least_c: float

    def start(self) -> Vector:
        """A plateau somewhat above e2, and a rise that most labelled rows have behind them."""
        rise = -0.7 * USUAL_SLOPE * (self.labelled @ self.z) / self.labelled.sum()
        return np.array([logit(min(1.3 * self.least_c, 0.98)), np.log(USUAL_SLOPE), rise])

    def cost(self, theta: Vector) -> tuple[float, Vector]:
        """Minus the logarithm of the posterior, and its gradient (3,)."""
        c, a, b = _parameters(theta)
        f = expit(a * self.z + b)
        share = np.clip(c * f, _TINY, 1 - _TINY)
        turn = c * f * (1 - f)
        changes = np.stack([share * (1 - c), turn * a * self.z, turn])
        strain, pull = self._strain(theta)
        fit = self.labelled @ np.log(share) + (self.counts - self.labelled) @ np.log1p(-share)
        uphill = changes @ ((self.labelled - self.counts * share) / (share * (1 - share)))
        return float(strain @ strain / 2 - fit), pull * strain - uphill

    def _strain(self, theta: Vector) -> tuple[Vector, Vector]:
        """Distance from the prior in standard deviations, and how fast each grows."""
        c = float(expit(theta[0]))
        away = np.array([np.log(c / self.least_c), theta[1] - np.log(USUAL_SLOPE), theta[2]])
        spread = np.array([EXCESS_SPREAD, SLOPE_SPREAD, INTERCEPT_SPREAD])
        return away / spread, np.array([1 - c, 1.0, 1.0]) / spread


def _parameters(theta: Vector) -> tuple[float, float, float]:
    """c, a and b."""
    return float(expit(theta[0])), float(np.exp(theta[1])), float(theta[2])


def _log_odds(scores: Numbers) -> Vector:
    return np.asarray(logit(np.clip(scores, LEAST_SCORE, 1 - LEAST_SCORE)))
