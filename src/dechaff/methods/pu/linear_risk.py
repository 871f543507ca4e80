"""The linear classifier of least positive-unlabelled risk, exactly: with the logistic loss both risks are convex.

With l(z, sign) = log(1 + exp(-sign z)), l(z, +1) - l(z, -1) = -z, so the unbiased risk is

    -pi mean(z of positives) + mean(log(1 + exp(z)) of the population),

which is convex in the weights of z = w·x + b. The non-negative risk is the larger of that and of its positive part
alone, which is convex, too; so it is convex, with a kink where the negative part is 0. It is

    max over 0 <= m <= 1 of  positive part + m · negative part,

and the negative part of its minimum falls as m rises: m = 1 if that is not below 0, else the m for which it is 0.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from dechaff.errors import InputError
from dechaff.methods.pu.risk import Samples
from dechaff.typing import Axes

Weights = Annotated[npt.NDArray[np.float64], Axes("d")]
"""One weight a feature, and last the intercept."""

_CLOSE = 1e-6
"""To 0, for the negative part at the kink."""
_MOST_HALVINGS = 40
_OPTIONS = {"maxiter": 1000, "gtol": 1e-10}


def least_unbiased_risk(features: Any, rows: Samples, class_prior: float, *, penalty: float) -> Weights:
    """Weights of the linear classifier with the least unbiased risk + penalty/2 |w|²; the intercept is free.

    If every positive is labelled this is logistic regression. The score w·x + b is the log-odds of the class.

    Parameters
    ----------
    features : (n, d) float, array or sparse matrix
    rows : Samples
    class_prior : float, above 0 and below 1
    penalty : float above 0
        Without it the risk has no least value where a plane parts the labelled rows from the others.

    Returns
    -------
    (d + 1,) float

    Raises
    ------
    InputError
        If the class prior or the penalty is out of range.

    Source
    ------
    du Plessis, Niu, Sugiyama (2015), Convex formulation for learning from positive and unlabeled data, ICML, section 3.

    Examples
    --------
    >>> from dechaff.methods.pu.risk import samples
    >>> x, labelled = np.array([[3.0], [2.0], [3.0], [0.0], [1.0], [0.0]]), np.array([True, True] + 4 * [False])
    >>> least_unbiased_risk(x, samples(labelled, "single-training-set"), 0.5, penalty=0.1).round(2)
    array([ 1.19, -1.79])
    """
    _check(class_prior, penalty)
    return _Problem(features, rows, class_prior, penalty).least(1.0, np.zeros(features.shape[1] + 1))


def least_non_negative_risk(features: Any, rows: Samples, class_prior: float, *, penalty: float) -> Weights:
    """Weights of the linear classifier with the least non-negative risk + penalty/2 |w|²; the intercept is free.

    The same as `least_unbiased_risk` where the negative part of that one is not below 0: a linear model seldom
    memorises its rows, but with more features than labelled rows it may.

    Parameters, result and errors as in `least_unbiased_risk`.

    Source
    ------
    Kiryo, Niu, du Plessis, Sugiyama (2017), NeurIPS, equation 6. Differs: the logistic loss, for which the risk of a
    linear model is convex, and its least value in place of a stochastic search for it.

    Examples
    --------
    >>> from dechaff.methods.pu.risk import samples
    >>> x, labelled = np.array([[9.0], [2.0], [3.0], [0.0], [1.0], [0.0]]), np.array([True] + 5 * [False])
    >>> unbiased, non_negative = (
    ...     least(x, samples(labelled, "single-training-set"), 0.5, penalty=0.001)
    ...     for least in (least_unbiased_risk, least_non_negative_risk)
    ... )
    >>> bool(unbiased[0] > non_negative[0])
    True
    """
    _check(class_prior, penalty)
    problem = _Problem(features, rows, class_prior, penalty)
    start = np.zeros(features.shape[1] + 1)
    best = problem.least(1.0, start)
    if problem.negative_part(best) >= -_CLOSE:
        return best
    low, high, best = 0.0, 1.0, start
    for _ in range(_MOST_HALVINGS):
        middle = (low + high) / 2
        best = problem.least(middle, best)
        part = problem.negative_part(best)
        if abs(part) < _CLOSE:
            break
        low, high = (middle, high) if part > 0 else (low, middle)
    return best


class _Problem:
    """positive part + m · negative part + penalty, for a given m."""

    def __init__(self, features: Any, rows: Samples, class_prior: float, penalty: float) -> None:
        self.features, self.penalty = features, penalty
        self.on_positives = class_prior * rows.positives
        self.as_negative = rows.population - self.on_positives

    def scores(self, weights: Weights) -> npt.NDArray[np.float64]:
        return np.asarray(self.features @ weights[:-1] + weights[-1])

    def negative_part(self, weights: Weights) -> float:
        return float(self.as_negative @ np.logaddexp(0.0, self.scores(weights)))

    def least(self, m: float, start: Weights) -> Weights:
        """By Newton's method in a trust region: to the last digits, so that equal data in another form end equal."""
        found = minimize(
            self._value_and_slope, start, args=(m,), jac=True, hessp=self._bend, method="trust-ncg", options=_OPTIONS
        )
        return np.asarray(found.x)

    def _value_and_slope(self, weights: Weights, m: float) -> tuple[float, npt.NDArray[np.float64]]:
        scores, inner = self.scores(weights), weights[:-1]
        loss = self.on_positives @ np.logaddexp(0.0, -scores) + m * (self.as_negative @ np.logaddexp(0.0, scores))
        slopes = m * self.as_negative * expit(scores) - self.on_positives * expit(-scores)
        slope = np.append(self.features.T @ slopes + self.penalty * inner, slopes.sum())
        return float(loss + self.penalty / 2 * (inner @ inner)), slope

    def _bend(self, weights: Weights, step: Weights, m: float) -> npt.NDArray[np.float64]:
        """The second derivative times a step."""
        scores = self.scores(weights)
        bends = (self.on_positives + m * self.as_negative) * expit(scores) * expit(-scores) * self.scores(step)
        return np.append(self.features.T @ bends + self.penalty * step[:-1], bends.sum())


def _check(class_prior: float, penalty: float) -> None:
    if not 0 < class_prior < 1:
        fix = "Estimate it by a function of dechaff.methods.pu.class_prior, or leave it out of the classifier."
        raise InputError("class_prior", "be above 0 and below 1", str(class_prior), fix)
    if not penalty > 0:
        raise InputError("penalty", "be above 0", str(penalty), "Take 1 / n, as LogisticRegression does with C=1.")
