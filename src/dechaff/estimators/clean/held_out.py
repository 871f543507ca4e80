"""Predictions for held-out rows, and whether a treatment of the other rows makes them agree more with the given labels.

Each fold is held out once more. The other rows are judged by models that have seen neither the fold nor the row
itself, treated, and learnt from; the resulting model predicts the fold's labels. These are noisy, but their noise is
independent of the treatment, so of two models the one that agrees more is the better one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.utils.parallel import Parallel, delayed

from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.clean.label_treatments import Treated, Treatment
from dechaff.estimators.clean.row_judgement import Judgement
from dechaff.estimators.training_rows import TrainingRows, take
from dechaff.typing import Features, Groups, Labels, Mask, Numbers, Probs, Rows

Outputs = npt.NDArray[np.float64]
"""(m, d): probabilities, d classes, or decision values."""


@dataclass(frozen=True)
class Learner:
    """A model to clone, and the rows to learn from."""

    model: Any
    rows: TrainingRows
    given: ClassLabels
    folds: Groups
    n_jobs: int | None = None

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return int(self.folds.max(initial=-1)) + 1

    def fitted(self, codes: Labels, rows: Rows | None = None, row_weights: Numbers | None = None) -> Any:
        """A fresh model of these classes and rows (all where it is None)."""
        return self.rows.fitted(self.model, self.given.classes[codes], rows=rows, row_weights=row_weights)

    def unseen(self) -> tuple[Outputs, Mask]:
        """Outputs for each row by the model of the other folds, and whether that predicts the given label."""
        parts = self._parallel([self._one_fold(fold) for fold in range(self.n_folds)])
        outputs = np.empty((len(self.folds), parts[0][0].shape[1]))
        agrees = np.empty(len(self.folds), dtype=np.bool_)
        for fold, (said, agreed) in enumerate(parts):
            outputs[self.folds == fold], agrees[self.folds == fold] = said, agreed
        return outputs, agrees

    def unseen_beside(self) -> list[Outputs]:
        """For each fold, outputs for the rows outside it by models that have seen neither it nor the row's own fold.

        In single precision: as many arrays of probabilities as there are folds. Rows of the fold are NaN.
        """
        pairs = [(i, j) for i in range(self.n_folds) for j in range(i)]
        parts = self._parallel([self._two_folds(i, j) for i, j in pairs])
        width = parts[0][0].shape[1]
        outputs = [np.full((len(self.folds), width), np.nan, dtype=np.float32) for _ in range(self.n_folds)]
        for (i, j), (of_i, of_j) in zip(pairs, parts, strict=True):
            outputs[j][self.folds == i], outputs[i][self.folds == j] = of_i, of_j
        return outputs

    def _parallel(self, tasks: list[Any]) -> list[Any]:
        return list(Parallel(n_jobs=self.n_jobs)(tasks))

    def _one_fold(self, fold: int) -> Any:
        return delayed(_outputs_and_agreement)(self, np.flatnonzero(self.folds != fold), self.folds == fold)

    def _two_folds(self, i: int, j: int) -> Any:
        learnt = np.flatnonzero((self.folds != i) & (self.folds != j))
        return delayed(_outputs_of)(self, learnt, (self.folds == i, self.folds == j))


def agreement(learner: Learner, fold: int, codes: Labels, row_weights: Numbers | None, learnt: Rows) -> Mask:
    """Whether a model of these rows, with these labels and weights, predicts the given labels of the fold's rows."""
    held_out = np.flatnonzero(learner.folds == fold)
    given = learner.given.codes[held_out]
    if _is_one_class(codes):
        return np.asarray(given == codes[0])
    model = learner.fitted(codes, learnt, row_weights)
    return _agrees(model, learner, held_out)


def _outputs_and_agreement(learner: Learner, learnt: Rows, held_out: Mask) -> tuple[Outputs, Mask]:
    codes, places = learner.given.codes[learnt], np.flatnonzero(held_out)
    if _is_one_class(codes):
        return _only(codes[0], learner, len(places)), np.asarray(learner.given.codes[places] == codes[0])
    model = learner.fitted(codes, learnt)
    return _outputs(model, learner, places), _agrees(model, learner, places)


def _outputs_of(learner: Learner, learnt: Rows, parts: tuple[Mask, ...]) -> tuple[Outputs, ...]:
    codes, places = learner.given.codes[learnt], [np.flatnonzero(part) for part in parts]
    if _is_one_class(codes):
        return tuple(_only(codes[0], learner, len(part)) for part in places)
    model = learner.fitted(codes, learnt)
    return tuple(_outputs(model, learner, part) for part in places)


def _is_one_class(codes: Labels) -> bool:
    """Most models refuse to learn one class; what they would say is clear."""
    return bool((codes == codes[0]).all())


def _only(code: int, learner: Learner, n_rows: int) -> Outputs:
    k = len(learner.given.classes)
    return np.tile(np.eye(k)[code], (n_rows, 1))


def _agrees(model: Any, learner: Learner, places: Rows) -> Mask:
    predicted = np.asarray(model.predict(take(learner.rows.X, places)))
    return np.asarray(predicted == learner.given.classes[learner.given.codes[places]], dtype=np.bool_)


def _outputs(model: Any, learner: Learner, places: Rows) -> Outputs:
    """(m, k) what the model says of each class, whether or not it has seen them all."""
    X, k = take(learner.rows.X, places), len(learner.given.classes)
    columns = np.searchsorted(learner.given.classes, model.classes_)
    if hasattr(model, "predict_proba"):
        probs = np.zeros((len(places), k))
        # Single precision may end a hair beyond 1.
        probs[:, columns] = np.clip(model.predict_proba(X), 0, 1)
        return probs
    decisions = np.asarray(model.decision_function(X), dtype=np.float64)
    if decisions.ndim == 1:
        decisions = np.column_stack([-decisions, decisions])
    if decisions.shape[1] != len(columns):
        found = f"{decisions.shape[1]} decision values for {len(columns)} classes"
        fix = "Set decision_function_shape='ovr', or wrap the estimator in CalibratedClassifierCV."
        raise InputError("the estimator", "have one decision value a class", found, fix)
    # Below all others where the model has not met the class.
    outputs = np.tile(decisions.min(axis=1, keepdims=True) - 1, (1, k))
    outputs[:, columns] = decisions
    return outputs


def decision_probs(decisions: Features, labels: Labels) -> Probs:
    """What held-out decision values say of the classes, as probabilities that agree with the given labels on average.

    Parameters
    ----------
    decisions : (n, k) float
        Of models that have not seen the row; in-sample ones are too far from zero.
    labels : (n,) int, 0 … k-1, two classes or more among them
        Given labels; may be wrong, for what is wanted is the probability of a label.

    Returns
    -------
    (n, k) float, rows sum to 1

    Source
    ------
    Platt (1999), Probabilistic outputs for support vector machines; with more than two classes, multinomial logistic
    regression on all decision values.

    Examples
    --------
    >>> decisions = np.array([[2.0, -2.0], [1.0, -1.0], [-1.0, 1.0], [-2.0, 2.0]]).repeat(20, axis=0)
    >>> decision_probs(decisions, np.repeat([0, 1], 40))[[0, -1], 1].round(1)
    array([0., 1.])
    """
    decisions = np.asarray(decisions, dtype=np.float64)
    scale = np.maximum(np.abs(decisions).mean(axis=0), np.finfo(float).tiny)
    scaled = decisions / scale
    model = LogisticRegression(max_iter=1000).fit(scaled, labels)
    probs = np.zeros(scaled.shape)
    probs[:, model.classes_] = model.predict_proba(scaled)
    return probs


Judge = Callable[[Labels, Outputs, Numbers], Judgement]
"""``judge(codes, outputs, counts) -> Judgement`` of some rows."""


def held_out_gains(
    learner: Learner, treatments: tuple[Treatment, ...], agrees: Mask, counts: Numbers, judge: Judge
) -> tuple[float, ...]:
    """By how much more of the held-out labels a model agrees with after each treatment, as a share of all rows.

    Parameters
    ----------
    learner : with three folds or more
    treatments : what is tried
    agrees : (n,) bool
        Whether the model of the other folds, untreated, predicts each row's given label.
    counts : (n,) float, above 0
        How often each row counts.
    judge : what judges labels
    """
    outputs = learner.unseen_beside()
    tasks = [
        delayed(_fold_gains)(learner, treatments, fold, beside, agrees, counts, judge)
        for fold, beside in enumerate(outputs)
    ]
    gains = np.sum(list(Parallel(n_jobs=learner.n_jobs)(tasks)), axis=0)
    return tuple(float(gain) for gain in gains / counts.sum())


def _fold_gains(
    learner: Learner,
    treatments: tuple[Treatment, ...],
    fold: int,
    beside: Outputs,
    agrees: Mask,
    counts: Numbers,
    judge: Judge,
) -> list[float]:
    learnt = np.flatnonzero(learner.folds != fold)
    codes, held_out = learner.given.codes[learnt], learner.folds == fold
    judged = judge(codes, beside[learnt], counts[learnt])
    gains = []
    for treatment in treatments:
        treated = treatment(codes, judged, counts[learnt])
        gain = 0.0
        if treated.changes(codes):
            now = _agreement_after(learner, fold, treated, learnt)
            gain = float(((now.astype(float) - agrees[held_out]) * counts[held_out]).sum())
        gains.append(gain)
    return gains


def _agreement_after(learner: Learner, fold: int, treated: Treated, learnt: np.ndarray) -> Mask:
    kept = np.flatnonzero(treated.weights)
    weights = treated.weights[kept]
    return agreement(learner, fold, treated.codes[kept], None if (weights == 1).all() else weights, learnt[kept])
