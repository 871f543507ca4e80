"""Losses of linear classifiers and their derivatives.

A row has the score w·x + b and the sign y = +1 (in the class) or -1 (not in the class). Each loss has two formulas: the
loss, and its slope, the derivative by the score. Stochastic gradient descent needs only the slope: it moves the weights
by -eta · slope · x. If the minimiser of the expected loss is a known function of p(y = +1 | x), scores can be converted
to probabilities; those of the perceptron and hinge losses cannot.

To add a loss, write a frozen dataclass with the same methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class LinearLoss(Protocol):
    """Loss and slope of rows with the given scores and signs (+1 or -1); all arrays of one shape."""

    @property
    def steepest(self) -> float:
        """Largest absolute slope; infinite if unbounded."""

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss; never negative, convex in the score."""

    def slope(self, score: Array, sign: Array) -> Array:
        """Derivative of the loss by the score; at a kink, one of the slopes beside it."""


@runtime_checkable
class ProbabilityLoss(LinearLoss, Protocol):
    """A loss whose scores can be converted to probabilities."""

    def probability(self, score: Array) -> Array:
        """p(y = +1 | x) for which this score minimises the expected loss."""


@dataclass(frozen=True)
class PerceptronLoss:
    """max(0, -y·score): proportional to the distance on the wrong side.

    With y in {0, 1} and the prediction yhat = 1 if the score is above 0, the slope is yhat - y: stochastic gradient
    descent on this loss *is* the perceptron. Source: Rosenblatt (1958), Psychological Review 65.

    Examples
    --------
    >>> PerceptronLoss()(np.array([2.0, -2.0]), np.array([1.0, 1.0]))
    array([0., 2.])
    >>> PerceptronLoss().slope(np.array([2.0, -2.0]), np.array([1.0, 1.0]))
    array([ 0., -1.])
    """

    steepest: ClassVar[float] = 1.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.maximum(0.0, -sign * score)

    def slope(self, score: Array, sign: Array) -> Array:
        """yhat - y, which is 0 if the prediction is right."""
        return np.subtract(score > 0, sign > 0, dtype=np.float64)


@dataclass(frozen=True)
class HingeLoss:
    """max(0, 1 - y·score): a row must be on the right side by a margin of 1, as in a support vector machine.

    Source: Cortes, Vapnik (1995), Machine Learning 20.
    """

    steepest: ClassVar[float] = 1.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.maximum(0.0, 1.0 - sign * score)

    def slope(self, score: Array, sign: Array) -> Array:
        """-y within the margin, else 0."""
        return np.where(sign * score < 1.0, -sign, 0.0)


@dataclass(frozen=True)
class LogisticLoss:
    """log(1 + exp(-y·score)): negative log-probability of the row's class, as in logistic regression.

    Examples
    --------
    >>> LogisticLoss().probability(np.array([0.0, 2.0])).round(3)
    array([0.5  , 0.881])
    """

    steepest: ClassVar[float] = 1.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(np.logaddexp(0.0, -sign * score))

    def slope(self, score: Array, sign: Array) -> Array:
        """-y · p(the other class)."""
        return np.asarray(-sign * self.probability(-sign * score))

    def probability(self, score: Array) -> Array:
        """1 / (1 + exp(-score)), written so that no exponential overflows."""
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * score))


class _MeanOfSigns:
    """Base of the losses whose best score is the mean of y, 2 p - 1."""

    def probability(self, score: Array) -> Array:
        """(1 + score) / 2, clipped to [0, 1]."""
        return np.asarray(0.5 * (1.0 + np.clip(score, -1.0, 1.0)))


@dataclass(frozen=True)
class SquaredLoss(_MeanOfSigns):
    """(y - score)² / 2: least squares, which also penalises rows far on the right side."""

    steepest: ClassVar[float] = np.inf

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(0.5 * (sign - score) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """score - y."""
        return np.asarray(score - sign)


@dataclass(frozen=True)
class SquaredHingeLoss(_MeanOfSigns):
    """max(0, 1 - y·score)²: the smooth hinge; rows far on the wrong side have a large loss."""

    steepest: ClassVar[float] = np.inf

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(np.maximum(0.0, 1.0 - sign * score) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """-2 y · (distance to the margin)."""
        return np.asarray(-2.0 * sign * np.maximum(0.0, 1.0 - sign * score))


@dataclass(frozen=True)
class ModifiedHuberLoss(_MeanOfSigns):
    """The squared hinge above y·score = -1, linear below: the slope of distant wrong labels is bounded.

    Source: Zhang (2004), ICML, "Solving large scale linear prediction problems using stochastic gradient descent".
    """

    steepest: ClassVar[float] = 4.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        margin = sign * score
        return np.where(margin < -1.0, -4.0 * margin, np.maximum(0.0, 1.0 - margin) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """-4 y on the linear part, else that of the squared hinge."""
        margin = sign * score
        return np.where(margin < -1.0, -4.0 * sign, -2.0 * sign * np.maximum(0.0, 1.0 - margin))


LOGISTIC = LogisticLoss()
"""The default: smooth, and its scores are log-odds."""
