"""Models that train by steps: with ``partial_fit``, or with warm starts that add a tree per step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from scipy.special import softmax
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.training_rows import take
from dechaff.estimators.weighted_fit import WEIGHT, explained, weight_names
from dechaff.methods.curriculum.curriculum import Budget, Step
from dechaff.typing import Probs

EPOCHS = 20
"""Of the usual budget, and of the plain training that hardness is measured on."""
BATCH = 32


def default_stepwise_model(X: Any = None) -> Pipeline:
    """Logistic regression by stochastic gradient descent on standardised features.

    The rate is constant: with scikit-learn's default, which starts high, single wrong labels throw the weights about.

    Examples
    --------
    >>> [name for name, _ in default_stepwise_model().steps]
    ['standardscaler', 'sgdclassifier']
    """
    scaler = StandardScaler(with_mean=not (X is None or issparse(X)))
    return make_pipeline(scaler, SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.01, random_state=0))


@dataclass(frozen=True)
class StepwiseModel:
    """A clone of a model that is trained by steps; what comes before it in a pipeline is fitted on all rows first."""

    before: tuple[tuple[str, Any], ...]
    """Fitted steps of the pipeline; empty if the model is none."""
    name: str
    model: Any
    """The last step, trained in place."""
    X: Any
    """The n rows as the last step takes them."""
    y: npt.NDArray[Any]
    """(n,) names of classes."""
    classes: npt.NDArray[Any]
    trees: int | None
    """As many as the model is set to, if it grows by one tree per step; None if it has ``partial_fit``."""

    @classmethod
    def of(cls, estimator: Any, X: Any, given: ClassLabels) -> Self:
        """A clone, ready for the first step.

        Raises
        ------
        InputError
            If the model cannot train by steps.
        """
        y = given.classes[given.codes]
        copy = clone(estimator)
        steps = copy.steps if isinstance(copy, Pipeline) else [("", copy)]
        name, model = steps[-1]
        trees = trees_of(model)
        if trees is not None:
            model.set_params(warm_start=True)
        if len(steps) == 1:
            return cls((), name, model, X, y, given.classes, trees)
        first = Pipeline(steps[:-1])
        try:
            seen = first.fit_transform(X, y)
        except ValueError as error:
            raise explained(first, error) from error
        return cls(tuple(first.steps), name, model, seen, y, given.classes, trees)

    def trained(self, steps: Iterable[Step], *, after: Callable[[int], None] | None = None) -> Any:
        """The model after all steps, in its pipeline; `after` is called with the number of steps done."""
        for number, step in enumerate(steps, 1):
            try:
                self._batch(step) if self.trees is None else self._one_more(step, number)
            except ValueError as error:
                raise explained(self.model, error) from error
            if after is not None:
                after(number)
        return Pipeline([*self.before, (self.name, self.model)]) if self.name else self.model

    def probs(self) -> Probs:
        """(n, k) probabilities of the training rows by the current model."""
        if hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict_proba(self.X), dtype=np.float64)
        decisions = np.asarray(self.model.decision_function(self.X), dtype=np.float64)
        return np.asarray(softmax(np.column_stack([-decisions, decisions]) if decisions.ndim == 1 else decisions, 1))

    def usual_budget(self) -> Budget:
        """Twenty epochs of batches of 32 rows, or as many trees as the model had been set to."""
        if self.trees is None:
            return Budget(ceil(EPOCHS * len(self.y) / BATCH), BATCH)
        return Budget(self.trees, None)

    def _batch(self, step: Step) -> None:
        weights = {} if (step.weights == 1).all() else {WEIGHT: step.weights}
        if weights and not _takes_weights(self.model):
            found = f"{type(self.model).__name__}, whose partial_fit does not"
            raise InputError("the model", "take sample_weight", found, "Use hard_weights, or another model.")
        self.model.partial_fit(take(self.X, step.rows), self.y[step.rows], classes=self.classes, **weights)

    def _one_more(self, step: Step, number: int) -> None:
        # Rows outside of the window get weight 0: histograms keep their bins only if all rows are passed.
        weights = np.bincount(step.rows, step.weights, minlength=len(self.y))
        self.model.set_params(**{_grown_by(self.model): number}).fit(self.X, self.y, sample_weight=weights)


def trees_of(estimator: Any) -> int | None:
    """The number of trees of a classifier, or of the last step of a pipeline; None if it has ``partial_fit``.

    Raises
    ------
    InputError
        If it cannot train by steps.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingClassifier
    >>> trees_of(GradientBoostingClassifier(n_estimators=30)), trees_of(SGDClassifier())
    (30, None)
    """
    model = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    return None if hasattr(model, "partial_fit") else int(getattr(model, _grown_by(model)))


def _grown_by(model: Any) -> str:
    """The parameter that counts the trees of a model with warm starts."""
    name = "max_iter" if isinstance(model, HistGradientBoostingClassifier) else "n_estimators"
    known = model.get_params(deep=False)
    if name in known and "warm_start" in known and weight_names(model):
        return name
    raise InputError(
        "the estimator",
        "train by steps: have partial_fit, or warm_start with n_estimators",
        type(model).__name__,
        'Use SGDClassifier(loss="log_loss"), MLPClassifier, GradientBoostingClassifier or a pipeline that ends in one.',
    )


def _takes_weights(model: Any) -> bool:
    from inspect import signature

    return WEIGHT in signature(model.partial_fit).parameters
