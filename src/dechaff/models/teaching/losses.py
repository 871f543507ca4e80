"""What a linear classifier loses on one row, and how that changes with its score.

A row has the score w·x + b and the sign y = +1 (it is of the class) or -1 (it is not). Each loss is two formulas:
the loss itself, and its slope, the derivative by the score. Stochastic gradient descent needs the slope only: it
moves the weights by -eta · slope · x. Where a loss is least at a known function of p(y = +1 | x), the loss also says
which probability a score stands for; the perceptron's and the hinge loss do not, as they are content with any score
on the right side.

A loss of your own is a frozen dataclass with the same methods.
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
        """Largest slope; infinite where none is."""
        ...

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss; never negative, convex in the score."""
        ...

    def slope(self, score: Array, sign: Array) -> Array:
        """Derivative of the loss by the score; at a kink, one of the slopes beside it."""
        ...


@runtime_checkable
class ProbabilityLoss(LinearLoss, Protocol):
    """A loss whose scores stand for probabilities."""

    def probability(self, score: Array) -> Array:
        """p(y = +1 | x) of a row for which this score has the least expected loss."""
        ...


@dataclass(frozen=True)
class PerceptronLoss:
    """max(0, -y·score): a row costs as much as it is on the wrong side.

    With the sign written as y in {0, 1}, and the guess yhat = 1 where the score is above 0, the slope is yhat - y:
    stochastic gradient descent on this loss *is* the perceptron.

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
        """yhat - y, which is 0 where the guess is right."""
        return np.subtract(score > 0, sign > 0, dtype=np.float64)


@dataclass(frozen=True)
class HingeLoss:
    """max(0, 1 - y·score): a row must be on the right side by a margin of 1, as in a support vector machine."""

    steepest: ClassVar[float] = 1.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.maximum(0.0, 1.0 - sign * score)

    def slope(self, score: Array, sign: Array) -> Array:
        """-y within the margin, else 0."""
        return np.where(sign * score < 1.0, -sign, 0.0)


@dataclass(frozen=True)
class LogisticLoss:
    """log(1 + exp(-y·score)): minus the log-probability of the row's class, as in logistic regression.

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


@dataclass(frozen=True)
class SquaredLoss:
    """(y - score)² / 2: least squares, which also punishes rows that are far on the right side."""

    steepest: ClassVar[float] = np.inf

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(0.5 * (sign - score) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """score - y."""
        return np.asarray(score - sign)

    def probability(self, score: Array) -> Array:
        """(1 + score) / 2, cut to 0 … 1: least squares aims at the mean of y, which is 2 p - 1."""
        return np.asarray(0.5 * (1.0 + np.clip(score, -1.0, 1.0)))


@dataclass(frozen=True)
class SquaredHingeLoss:
    """max(0, 1 - y·score)²: the hinge without its kink; a row far on the wrong side weighs heavily."""

    steepest: ClassVar[float] = np.inf

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        return np.asarray(np.maximum(0.0, 1.0 - sign * score) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """-2 y · (what is missing to the margin)."""
        return np.asarray(-2.0 * sign * np.maximum(0.0, 1.0 - sign * score))

    def probability(self, score: Array) -> Array:
        """(1 + score) / 2, cut to 0 … 1."""
        return np.asarray(0.5 * (1.0 + np.clip(score, -1.0, 1.0)))


@dataclass(frozen=True)
class ModifiedHuberLoss:
    """The squared hinge down to y·score = -1, a straight line below: wrong labels far away pull with bounded force.

    Source: Zhang (2004), ICML, "Solving large scale linear prediction problems using stochastic gradient descent".
    """

    steepest: ClassVar[float] = 4.0

    def __call__(self, score: Array, sign: Array) -> Array:
        """The loss."""
        margin = sign * score
        return np.where(margin < -1.0, -4.0 * margin, np.maximum(0.0, 1.0 - margin) ** 2)

    def slope(self, score: Array, sign: Array) -> Array:
        """-4 y on the straight part, else as of the squared hinge."""
        margin = sign * score
        return np.where(margin < -1.0, -4.0 * sign, -2.0 * sign * np.maximum(0.0, 1.0 - margin))

    def probability(self, score: Array) -> Array:
        """(1 + score) / 2, cut to 0 … 1."""
        return np.asarray(0.5 * (1.0 + np.clip(score, -1.0, 1.0)))


LOGISTIC = LogisticLoss()
"""The usual choice: smooth, and its scores are log-odds."""
