"""Stochastic gradient descent on any loss of a linear classifier: the perceptron's general form."""

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
        """alpha: what the penalty takes off the weights."""
        return self.alpha

    def rate(self, seen: float) -> float:
        """eta_t; constant where nothing is penalised."""
        return self.eta / (1.0 + self.alpha * self.eta * seen)

    def push(self, scores: Array, targets: Array) -> Array:
        """Minus the slope of the loss."""
        return -self.loss.slope(scores, 2.0 * targets - 1.0)


def _gives_probabilities(classifier: Any) -> bool:
    if isinstance(classifier.loss, ProbabilityLoss):
        return True
    raise AttributeError(
        f"a score of {classifier.loss!r} stands for no probability; LogisticLoss(), SquaredLoss(), SquaredHingeLoss() "
        "and ModifiedHuberLoss() do, and sklearn.calibration.CalibratedClassifierCV fits one to any score"
    )


class SGDLinearClassifier(OnlineLinearClassifier):
    """Linear classifier learnt by stochastic gradient descent: least mean loss + alpha/2 |w|².

    Each row in turn moves the weights down the slope of its own loss: w <- w - eta_t (alpha w + slope x), with
    eta_t = eta / (1 + alpha eta t) after t rows. The answer is the mean of the weights over all visits, which does not
    depend on the last rows (``average=False``: the last weights). With `PerceptronLoss`, ``alpha=0`` and ``eta0=1``
    it is the perceptron, weight for weight. With more than two classes, each is learnt against the rest.

    Parameters
    ----------
    loss : a loss of ``dechaff.models.teaching.losses``, default LogisticLoss()
    alpha : float, 0 or more, default 1e-4
        Weight of the penalty; the intercept is free.
    average : bool, default True
    eta0 : float above 0, or None
        First step. None: so that a row of usual length moves its own score by 1 at most; with a loss whose slope has
        no bound, such as the squared one, so that no row overshoots.
    max_iter : int, default 20
        Most passes over the rows; a pass that moves nothing ends learning.
    shuffle : bool, default True
        A new random order in each pass, the same for the same rows however they are ordered; else as they stand.
    random_state : int, RandomState or None
        Decides the order.

    Attributes
    ----------
    classes_ : (k,) classes in order
    coef_, intercept_ : (k, d) and (k,) float; one row where there are two classes
    n_iter_ : passes
    n_updates_ : visits that moved the weights by more than the penalty

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

    def __init__(
        self,
        *,
        loss: LinearLoss = LOGISTIC,
        alpha: float = 1e-4,
        average: bool = True,
        eta0: float | None = None,
        max_iter: int = 20,
        shuffle: bool = True,
        random_state: Any = None,
    ) -> None:
        self.loss = loss
        self.alpha = alpha
        self.average = average
        self.eta0 = eta0
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """(n, k) probabilities, rows sum to 1; with more than two classes, each one's against the rest, scaled.

        Raises
        ------
        AttributeError
            Where the scores of the loss stand for no probability.
        """
        assert isinstance(self.loss, ProbabilityLoss)
        chance = self.loss.probability(self.decision_function(X))
        if chance.ndim == 1:
            return np.column_stack([1.0 - chance, chance])
        total = chance.sum(axis=1, keepdims=True)
        # A row that is of no class for sure says nothing of which class it is.
        uniform = np.full_like(chance, 1.0 / chance.shape[1])
        return np.asarray(np.divide(chance, total, out=uniform, where=total > 0))

    def _rule(self, features: Any, weights: Array) -> GradientRule:
        if not hasattr(self.loss, "slope"):
            raise InputError(
                "loss",
                "be a loss with a slope",
                repr(self.loss),
                "Take one of dechaff.models.teaching.losses, such as HingeLoss().",
            )
        if self.alpha < 0:
            raise InputError("alpha", "be 0 or more", repr(self.alpha), "Leave it out for the default.")
        eta = _first_step(self.loss, features, weights) if self.eta0 is None else above_zero("eta0", self.eta0)
        return GradientRule(self.loss, self.alpha, eta)


def _first_step(loss: LinearLoss, features: Any, weights: Array) -> float:
    """A step with which a row of usual length moves its own score by 1 at most; where slopes know no bound, any row."""
    squares = features.multiply(features) if sparse.issparse(features) else features**2
    lengths = 1.0 + np.asarray(squares.sum(axis=1)).ravel()
    longest = loss.steepest * np.average(lengths, weights=weights) if np.isfinite(loss.steepest) else lengths.max()
    # Rounded, so that the order in which the rows are summed up does not show.
    return float(f"{1.0 / longest:.6g}")
