"""A classifier that is trained by a curriculum: easy rows first, by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np

from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.clean.held_out import FoldTrainer, decision_probs
from dechaff.estimators.content_folds import seed_of
from dechaff.estimators.curriculum.hardness import CurrentLoss, Hardness, RankedRows, noise_last, out_of_fold_margin
from dechaff.estimators.curriculum.stepwise import EPOCHS, StepwiseModel, default_stepwise_model
from dechaff.estimators.folded_classifier import DelegatingClassifier, checked_classifier
from dechaff.estimators.training_rows import TrainingRows
from dechaff.estimators.weighted_fit import seeded
from dechaff.methods.curriculum.curriculum import Budget, Curriculum
from dechaff.methods.curriculum.early_loss import Stages
from dechaff.methods.curriculum.pacing.polynomial import Polynomial
from dechaff.typing import Numbers, Probs

PLAIN = Curriculum(pacing=Polynomial(start=1.0))
"""All rows from the first step on."""


@dataclass(eq=False, repr=False, kw_only=True)
class CurriculumClassifier(DelegatingClassifier):
    """Trains a classifier by a curriculum: which rows it sees when, by how hard they are to learn.

    It helps most when labels are noisy (with `noise_last`) or training is short; on clean data with many steps, expect
    no effect. `compare_curricula` measures it.

    Parameters
    ----------
    estimator : scikit-learn classifier, or None
        Has ``partial_fit``, or ``warm_start`` and ``n_estimators`` (one tree per step), or is a pipeline that ends in
        such a model; the steps before it are fitted on all rows. A clone is trained. None: logistic regression by
        stochastic gradient descent on standardised features.
    hardness : `out_of_fold_margin`, `noise_last` …, ``CurrentLoss()``, or a function of `RankedRows`
        Returns (n,) floats, higher = harder.
    curriculum : `Curriculum` or None
        Order, pacing and weights. None: easy first, and a window that grows linearly from a fifth of the rows to all;
        with `noise_last`, from .3 of the rows in half of the steps to the expected fraction of right labels, so that
        rows whose label is probably wrong are never trained on.
    budget : `Budget` or None
        Number of steps, and rows per step. None: 20 epochs of batches of 32 rows, or the number of trees of the model.
    cv : int, splitter, iterable of (train, test), or None
        Folds for a hardness that needs them, as in `CleanClassifier`.
    random_state : int, RandomState or None
        Seed of the folds, of the batches, and of the model if its own seed is None. None: 0 for folds and batches.
    n_jobs : int or None
        Number of parallel fits out of fold, as in joblib.

    Attributes
    ----------
    estimator_ : the trained model
    hardness_ : (n,) float, higher = harder; None with `CurrentLoss`
    curriculum_ : the `Curriculum` that was used
    classes_ : (k,) class names, sorted
    n_features_in_, feature_names_in_ : as in the model

    References
    ----------
    Bengio, Louradour, Collobert, Weston (2009), Curriculum learning, ICML; pacing and budget: Wu, Dyer, Neyshabur
    (2021), When do curricula work?, ICLR.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> y = random.integers(0, 2, 400)
    >>> X = random.normal(size=(400, 2)) + 2 * y[:, None]
    >>> model = CurriculumClassifier().fit(X, y)
    >>> model.score(X, y) > 0.9
    True
    >>> easiest = model.hardness_.argmin()
    >>> bool(model.predict(X)[easiest] == y[easiest])
    True
    """

    estimator: Any = field(default=None, kw_only=False)
    hardness: Hardness | CurrentLoss = out_of_fold_margin
    curriculum: Curriculum | None = None
    budget: Budget | None = None
    cv: Any = None
    random_state: Any = None
    n_jobs: int | None = None

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Measure the hardness of the rows, and train the model by the curriculum.

        Parameters
        ----------
        X : n rows: array, sparse matrix, data frame or list of texts; anything the model accepts
        y : (n,) numbers, strings or booleans
            Class labels of at least two classes; none may be missing.
        **fit_params
            `groups` for the folds.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If labels or options are invalid, or the model cannot train by steps.
        """
        fix = "Leave it out; rows are weighted by the curriculum."
        given, rows = self._given(X, y, fit_params, fix=fix)
        model = default_stepwise_model(rows.X) if self.estimator is None else checked_classifier(self.estimator)
        model = seeded(model, self.random_state)
        stepwise = StepwiseModel.of(model, rows.X, given)
        budget = self.budget or stepwise.usual_budget()
        rng = np.random.default_rng(seed_of(self.random_state))
        if isinstance(self.hardness, CurrentLoss):
            self.hardness_ = None
            now = self.hardness.during(given.codes, stepwise.probs)
        else:
            out_of_fold = partial(self._out_of_fold, model, rows, given)
            stages = partial(_stages, model, rows.X, given, budget)
            hardness = self.hardness(RankedRows(given.codes, stepwise.X, out_of_fold, stages))
            self.hardness_ = np.asarray(hardness, dtype=np.float64)
            now = partial(_same, self.hardness_)
        self.estimator_ = stepwise.trained(self.curriculum_.steps(now, given.codes, budget, rng))
        self.classes_ = given.classes
        self._copy_features()
        return self

    @property
    def curriculum_(self) -> Curriculum:
        """The curriculum that is used, once hardness is measured."""
        if self.curriculum is not None:
            return self.curriculum
        if self.hardness is not noise_last or self.hardness_ is None:
            return Curriculum()
        right = max(1 - float(self.hardness_.mean()), 0.01)
        return Curriculum(pacing=Polynomial(start=min(0.3, right), full=0.5, end=right))

    def _out_of_fold(self, model: Any, rows: TrainingRows, given: ClassLabels) -> Probs:
        folds = self._folds(rows, rows, np.arange(len(given.codes)))
        outputs, _ = FoldTrainer(model, rows, given, folds, self.n_jobs).out_of_fold()
        return outputs if hasattr(model, "predict_proba") else decision_probs(outputs, given.codes)


def _same(hardness: Numbers) -> Numbers:
    return hardness


def _stages(model: Any, X: Any, given: ClassLabels, budget: Budget) -> Stages:
    """(t, n, k) probabilities at up to 20 evenly spaced steps of a plain training."""
    stepwise, seen = StepwiseModel.of(model, X, given), []
    every = max(1, budget.n_steps // EPOCHS)

    def look(number: int) -> None:
        if number % every == 0:
            seen.append(stepwise.probs())

    flat = np.zeros(len(given.codes))
    stepwise.trained(PLAIN.steps(lambda: flat, given.codes, budget, np.random.default_rng(0)), after=look)
    return np.stack(seen)
