"""Stochastic gradient descent on any loss of a linear classifier; the perceptron is a special case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.metaestimators import available_if

from dechaff.errors import InputError
from dechaff.models.teaching.losses import LOGISTIC, LinearLoss, ProbabilityLoss
from dechaff.models.teaching.online_linear import Array, OnlineLinearClassifier, above_zero


@dataclass(frozen=True)
class GradientRule:
    """w <- w - eta_t (alpha w + slope x), with eta_t = eta / (1 + alpha eta t)."""

    loss: LinearLoss
    alpha: float
    eta: float

    @property
    def decay(self) -> float:
        """alpha, the strength of the penalty."""
        return self.alpha

    def rate(self, seen: float) -> float:
        """eta_t; constant without a penalty."""
        return self.eta / (1.0 + self.alpha * self.eta * seen)

    def push(self, scores: Array, targets: Array) -> Array:
        """Minus the slope of the loss."""
        return -self.loss.slope(scores, 2.0 * targets - 1.0)


def _gives_probabilities(classifier: Any) -> bool:
    if isinstance(classifier.loss, ProbabilityLoss):
        return True
    raise AttributeError(
        f"scores of {classifier.loss!r} are not probabilities; use LogisticLoss(), SquaredLoss(), SquaredHingeLoss() "
        "or ModifiedHuberLoss(), or wrap the classifier in sklearn.calibration.CalibratedClassifierCV"
    )


@dataclass(eq=False, repr=False, kw_only=True)
class SGDLinearClassifier(OnlineLinearClassifier):
    """Linear classifier trained by stochastic gradient descent; minimises the mean loss + alpha/2 |w|².

    Each row moves the weights down the gradient of its own loss: w <- w - eta_t (alpha w + slope x), with
    eta_t = eta / (1 + alpha eta t) after t rows. Predicts with the mean of the weights over all visits, which does not
    depend on the last rows (``average=False``: with the last weights). With `PerceptronLoss`, ``alpha=0`` and
    ``eta0=1`` it equals the perceptron, weight for weight. More than two classes are trained one against the rest. A
    teaching baseline in pure Python; for speed use ``sklearn.linear_model.SGDClassifier``.

    Parameters
    ----------
    loss : a loss of ``dechaff.models.teaching.losses``, default LogisticLoss()
    alpha : float, 0 or more, default 1e-4
        Strength of the penalty; the intercept is not penalised.
    average : bool, default True
    eta0 : float above 0, or None
        Initial step size. None: a row of average length changes its own score by at most 1; with a loss of unbounded
        slope, such as the squared loss, no row overshoots.
    max_iter, shuffle, random_state : as in `Perceptron`

    Attributes
    ----------
    classes_, coef_, intercept_, n_iter_ : as in `Perceptron`
    n_updates_ : int
        Updates of the weights beyond the penalty.

    Raises
    ------
    InputError
        In ``fit``: if there are fewer than two classes, an option is invalid, or the weights overflow.

    Source
    ------
    Bottou (2012), "Stochastic gradient descent tricks", sections 2 and 5 (step length, mean of the weights: Polyak,
    Juditsky 1992). Differs: the first step is not searched for; the mean is taken from the start.

    Examples
    --------
    >>> from dechaff.models.teaching.losses import HingeLoss
    >>> X, y = np.array([[-2.0], [-1.0], [1.0], [2.0]]), [0, 0, 1, 1]
    >>> SGDLinearClassifier(random_state=0).fit(X, y).predict_proba([[0.0], [1.0]]).round(1)
    array([[0.5, 0.5],
           [0.1, 0.9]])
    >>> SGDLinearClassifier(loss=HingeLoss(), random_state=0).fit(X, y).predict([[0.5]])
    array([1])
    """

    loss: LinearLoss = LOGISTIC
    alpha: float = 1e-4
    average: bool = True
    eta0: float | None = None

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """(n, k) probabilities, rows sum to 1; of more than two classes, those one against the rest, normalised.

        Raises
        ------
        AttributeError
            If the scores of the loss are not probabilities.
        """
        assert isinstance(self.loss, ProbabilityLoss)
        probs = self.loss.probability(self.decision_function(X))
        if probs.ndim == 1:
            return np.column_stack([1.0 - probs, probs])
        total = probs.sum(axis=1, keepdims=True)
        # A row with probability 0 of every class gets the uniform distribution.
        uniform = np.full_like(probs, 1.0 / probs.shape[1])
        return np.asarray(np.divide(probs, total, out=uniform, where=total > 0))

    def _rule(self, features: Any, weights: Array) -> GradientRule:
        if not hasattr(self.loss, "slope"):
            raise InputError(
                "loss",
                "be a loss with a slope",
                repr(self.loss),
                "Use one of dechaff.models.teaching.losses, such as HingeLoss().",
            )
        if self.alpha < 0:
            raise InputError("alpha", "be 0 or more", repr(self.alpha), "Omit it for the default.")
        eta = _first_step(self.loss, features, weights) if self.eta0 is None else above_zero("eta0", self.eta0)
        return GradientRule(self.loss, self.alpha, eta)


def _first_step(loss: LinearLoss, features: Any, weights: Array) -> float:
    """Step size at which a row of average length (any row, if slopes are unbounded) changes its score by at most 1."""
    squares = features.multiply(features) if sparse.issparse(features) else features**2
    lengths = 1.0 + np.asarray(squares.sum(axis=1)).ravel()
    longest = loss.steepest * np.average(lengths, weights=weights) if np.isfinite(loss.steepest) else lengths.max()
    # Rounded, so that the order of summation does not matter.
    return float(f"{1.0 / longest:.6g}")
