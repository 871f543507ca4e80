"""The perceptron: the guess is w·x > 0, and a wrong guess moves the weights towards the row, or away from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dechaff.models.teaching.online_linear import Array, OnlineLinearClassifier, above_zero


@dataclass(frozen=True)
class PerceptronRule:
    """w <- w + eta (y - yhat) x, with y in {0, 1} and the guess yhat = 1 where w·x > 0, else 0."""

    eta: float
    decay: ClassVar[float] = 0.0

    def rate(self, seen: float) -> float:
        """eta, always."""
        return self.eta

    def push(self, scores: Array, targets: Array) -> Array:
        """y - yhat: 0 where the guess is right."""
        guess = scores > 0
        return np.subtract(targets, guess)


class Perceptron(OnlineLinearClassifier):
    """Online linear classifier that learns from its mistakes only: w <- w + eta (y - yhat) x.

    Where a line (a plane …) parts the classes, the perceptron finds one, after at most (R / margin)² mistakes; where
    none does, its last weights depend on the rows that came last, and the mean of the weights over all visits
    (``average=True``) is the better classifier. It is stochastic gradient descent on `PerceptronLoss` without
    regularisation. With more than two classes, each is learnt against the rest.

    Parameters
    ----------
    average : bool, default False
        Predict with the mean of the weights over all visits: Freund and Schapire's averaged perceptron.
    eta0 : float above 0, default 1
        Length of a step, eta. Learning starts from zero weights, so eta scales the weights and changes no guess.
    max_iter : int, default 20
        Most passes over the rows; a pass without a mistake ends learning.
    shuffle : bool, default True
        A new random order in each pass, the same for the same rows however they are ordered; else as they stand.
    random_state : int, RandomState or None
        Decides the order.

    Attributes
    ----------
    classes_ : (k,) classes in order
    coef_, intercept_ : (k, d) and (k,) float; one row where there are two classes
    n_iter_ : passes
    n_updates_ : visits that moved the weights: with two classes, the mistakes

    Source
    ------
    Rosenblatt (1958), Psychological Review 65; bound on the mistakes: Novikoff (1962); averaged: Freund, Schapire
    (1999), Machine Learning 37, section 2, which weighs each weight vector by the rows that it survived. Differs: more
    than two classes by one-vs-rest.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "no", "no", "yes"]
    >>> both = Perceptron(shuffle=False).fit(X, y)
    >>> both.coef_, both.intercept_, both.n_iter_
    (array([[2., 1.]]), array([-2.]), 6)
    >>> both.predict([[1, 1], [0, 1]])
    array(['yes', 'no'], dtype='<U3')
    """

    def __init__(
        self,
        *,
        average: bool = False,
        eta0: float = 1.0,
        max_iter: int = 20,
        shuffle: bool = True,
        random_state: Any = None,
    ) -> None:
        self.average = average
        self.eta0 = eta0
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state

    def _rule(self, features: Any, weights: Array) -> PerceptronRule:
        return PerceptronRule(above_zero("eta0", self.eta0))
