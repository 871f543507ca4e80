"""The perceptron: it predicts w·x > 0, and a wrong prediction moves the weights towards the row or away from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dechaff.models.teaching.online_linear import Array, OnlineLinearClassifier, above_zero


@dataclass(frozen=True)
class PerceptronRule:
    """w <- w + eta (y - yhat) x, with y in {0, 1} and the prediction yhat = 1 if w·x > 0, else 0."""

    eta: float
    decay: ClassVar[float] = 0.0

    def rate(self, seen: float) -> float:
        """eta, always."""
        return self.eta

    def push(self, scores: Array, targets: Array) -> Array:
        """y - yhat: 0 if the prediction is right."""
        return np.subtract(targets, scores > 0)


@dataclass(eq=False, repr=False, kw_only=True)
class Perceptron(OnlineLinearClassifier):
    """Online linear classifier that updates its weights on mistakes only: w <- w + eta (y - yhat) x.

    If the classes are linearly separable, it separates them after at most (R / margin)² mistakes. Otherwise its last
    weights depend on the last rows, and the mean of the weights over all visits (``average=True``) is the better
    classifier. Equals stochastic gradient descent on `PerceptronLoss` without a penalty. More than two classes are
    trained one against the rest. A teaching baseline in pure Python; for speed use ``sklearn.linear_model.Perceptron``.

    Parameters
    ----------
    average : bool, default False
        Predict with the mean of the weights over all visits: Freund and Schapire's averaged perceptron.
    eta0 : float above 0, default 1
        Step size eta. The weights start at zero, so eta scales them and changes no prediction.
    max_iter : int, default 20
        Most passes over the rows; a pass without an update ends training.
    shuffle : bool, default True
        A new random order in each pass, which does not depend on the order of the rows. False: the given order.
    random_state : int, RandomState or None
        Seed of the order.

    Attributes
    ----------
    classes_ : (k,) class labels, sorted
    coef_, intercept_ : (k, d) and (k,) float; one row for two classes
    n_iter_ : int
        Passes over the rows.
    n_updates_ : int
        Updates of the weights; for two classes, the number of mistakes.

    Raises
    ------
    InputError
        In ``fit``: if there are fewer than two classes, or an option is invalid.

    Source
    ------
    Rosenblatt (1958), Psychological Review 65; bound on the mistakes: Novikoff (1962); averaged: Freund, Schapire
    (1999), Machine Learning 37, section 2, where weight vectors are averaged by the number of rows they survive.
    Differs: more than two classes by one-vs-rest.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "no", "no", "yes"]
    >>> both = Perceptron(shuffle=False).fit(X, y)
    >>> both.coef_, both.intercept_, both.n_iter_
    (array([[2., 1.]]), array([-2.]), 6)
    >>> both.predict([[1, 1], [0, 1]])
    array(['yes', 'no'], dtype='<U3')
    """

    eta0: float = 1.0

    def _rule(self, features: Any, weights: Array) -> PerceptronRule:
        return PerceptronRule(above_zero("eta0", self.eta0))
