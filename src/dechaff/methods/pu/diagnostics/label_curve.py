"""The fraction of labelled rows as a curve over the rank of their score: a floor, a rise, a plateau."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtri

from dechaff.methods.pu.binned_scores import BinnedScores, Bins
from dechaff.typing import Numbers

Vector = npt.NDArray[np.float64]
Bounds = tuple[float, float]

NO_FLOOR = (-40.0, -40.0)
FREE_FLOOR = (-8.0, 4.0)
"""Bounds of the log-odds of floor / c."""

_SLOPES, _PLACES = (-3.0, 4.0), (-30.0, 30.0)
"""Bounds of log a and of b; never reached with informative data."""
_FLOOR_STARTS = (-6.0, -3.0, -1.0)
_TINY = 1e-12


@dataclass(frozen=True)
class LabelCurve:
    """``p(s = 1 | x) = floor + (c - floor) f(x)`` with ``f = sigmoid(slope * z + intercept)`` and z the normal rank.

    The plateau c is p(s = 1 | y = 1), the floor p(s = 1 | y = 0): how often a negative row is labelled by mistake.
    """

    c: float
    floor: float
    slope: float
    intercept: float
    log_likelihood: float

    def positive_probs(self, normal_ranks: Numbers) -> Numbers:
        """f(x) = p(y = 1 | x) for rows of these ranks."""
        return np.asarray(expit(self.slope * normal_ranks + self.intercept))

    def label_probs(self, normal_ranks: Numbers) -> Numbers:
        """p(s = 1 | x), strictly between 0 and 1."""
        share = self.floor + (self.c - self.floor) * self.positive_probs(normal_ranks)
        return np.clip(share, _TINY, 1 - _TINY)


def normal_ranks(scores: Numbers, weights: Numbers | None = None) -> Numbers:
    """What a normal variable of the same rank would be: scores freed from the units that a model gave them.

    Log-odds will not do. A model whose probabilities are right gives no row more than c, so that its log-odds level off
    together with the labelled share, and no plateau is left to be seen. Ranks go on to the last row.

    Examples
    --------
    >>> normal_ranks(np.array([0.1, 0.1, 0.9])).round(2)
    array([-0.43, -0.43,  0.97])
    """
    distinct, place = np.unique(scores, return_inverse=True)
    return _ranks(np.bincount(place, weights, minlength=len(distinct)).astype(np.float64))[place]


def fit_label_curve(binned: BinnedScores, *, c: Bounds, floor: Bounds = NO_FLOOR) -> LabelCurve:
    """The curve of the highest likelihood, with the plateau and the floor inside bounds.

    Parameters
    ----------
    binned : BinnedScores of out-of-fold g; only its order counts
    c : lowest and highest plateau allowed, above 0 and at most 1; the same twice holds it there.
    floor : lowest and highest log-odds of floor / c; `NO_FLOOR` holds the floor at 0.
    """
    fit = _Fit(bin_ranks(binned), binned.labelled, binned.labelled + binned.unlabelled)
    heights = logit(np.clip(c, _TINY, 1 - _TINY))
    bounds = ((float(heights[0]), float(heights[1])), floor, _SLOPES, _PLACES)
    found = [minimize(fit.cost, start, jac=True, method="L-BFGS-B", bounds=bounds) for start in _starts(fit, bounds)]
    best = min(found, key=lambda one: float(one.fun))
    height, low, slope, place = _parameters(best.x)
    return LabelCurve(height, height * low, slope, place, -float(best.fun))


def bin_ranks(binned: BinnedScores) -> Bins:
    """`normal_ranks` of the bins, each at the middle of its rows.

    Examples
    --------
    >>> bin_ranks(BinnedScores(np.array([0.9, 0.1]), np.array([1.0, 0.0]), np.array([0.0, 2.0]))).round(2)
    array([ 0.97, -0.43])
    """
    return _ranks((binned.labelled + binned.unlabelled)[::-1])[::-1]


def _ranks(counts: Vector) -> Vector:
    """Means of groups of rows, from the lowest; empty groups are interpolated."""
    middle = (counts.cumsum() - counts / 2) / counts.sum()
    return np.asarray(ndtri(np.clip(middle, _TINY, 1 - _TINY)))


@dataclass(frozen=True)
class _Fit:
    """How likely theta = (log-odds of c, log-odds of floor / c, log a, b) makes the labels at each rank z."""

    z: Vector
    labelled: Vector
    counts: Vector

    def cost(self, theta: Vector) -> tuple[float, Vector]:
        """Minus the logarithm of the likelihood, and its gradient (4,)."""
        c, low, a, b = _parameters(theta)
        f = expit(a * self.z + b)
        share = np.clip(c * (low + (1 - low) * f), _TINY, 1 - _TINY)
        turn = c * (1 - low) * f * (1 - f)
        changes = np.stack([share * (1 - c), c * (1 - f) * low * (1 - low), turn * a * self.z, turn])
        fit = self.labelled @ np.log(share) + (self.counts - self.labelled) @ np.log1p(-share)
        return -float(fit), -changes @ ((self.labelled - self.counts * share) / (share * (1 - share)))


def _starts(fit: _Fit, bounds: tuple[Bounds, ...]) -> Iterable[Vector]:
    """A rise that most labelled rows have behind them, and several floors: a floor can pass for a slow rise."""
    low, high = np.array(bounds).T
    height = logit(np.clip(1.3 * fit.labelled.sum() / fit.counts.sum(), 0.5, 0.9))
    rise = -1.4 * (fit.labelled @ fit.z) / fit.labelled.sum()
    floors = _FLOOR_STARTS if bounds[1] != NO_FLOOR else _FLOOR_STARTS[:1]
    return [np.clip([height, floor, np.log(2.0), rise], low, high) for floor in floors]


def _parameters(theta: Vector) -> tuple[float, float, float, float]:
    """c, floor / c, a and b."""
    return float(expit(theta[0])), float(expit(theta[1])), float(np.exp(theta[2])), float(theta[3])
