"""Predictions for held-out rows, and whether a treatment of the other rows makes them agree more with the given labels.

Each fold is held out in turn. Label errors among the other rows are estimated with models that have seen neither the
fold nor the row itself, and treated; a model trained on the result predicts the given labels of the fold. These are
noisy, but their noise is independent of the treatment, so the model that agrees more with them is the better one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.utils.parallel import Parallel, delayed

from dechaff.errors import InputError
from dechaff.estimators.class_labels import ClassLabels
from dechaff.estimators.clean.label_treatments import Treated, Treatment
from dechaff.estimators.training_rows import TrainingRows, take
from dechaff.methods.label_errors.label_error_estimates import LabelErrorEstimates
from dechaff.typing import Features, Groups, Labels, Mask, Numbers, Probs, Rows

Outputs = npt.NDArray[np.float64]
"""(m, k) probabilities or decision values, one column per class."""


@dataclass(frozen=True)
class FoldTrainer:
    """Trains clones of a model on some folds and predicts others."""

    model: Any
    rows: TrainingRows
    given: ClassLabels
    folds: Groups
    n_jobs: int | None = None

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.folds.max(initial=-1)) + 1

    def fitted(self, codes: Labels, rows: Rows | None = None, row_weights: Numbers | None = None) -> Any:
        """A clone trained on `rows` (m,) with the labels `codes` (m,) and weights (m,); on all rows if None."""
        return self.rows.fitted(self.model, self.given.classes[codes], rows=rows, row_weights=row_weights)

    def out_of_fold(self) -> tuple[Outputs, Mask]:
        """Outputs (n, k) of each row by the model of the other folds; whether it predicts the given label (n,)."""
        parts = self._in_parallel(_outputs_and_agreement, [(fold,) for fold in range(self.n_folds)])
        outputs = np.empty((len(self.folds), parts[0][0].shape[1]))
        agrees = np.empty(len(self.folds), dtype=np.bool_)
        for fold, (predicted, agreed) in enumerate(parts):
            outputs[self.folds == fold], agrees[self.folds == fold] = predicted, agreed
        return outputs, agrees

    def out_of_two_folds(self) -> list[Outputs]:
        """Per fold: outputs (n, k) of the other rows by models trained on neither this fold nor the row's own.

        In float32, because there are as many arrays as folds. Rows of the fold itself are NaN.
        """
        pairs = [(i, j) for i in range(self.n_folds) for j in range(i)]
        parts = self._in_parallel(_outputs_of_two, pairs)
        width = parts[0][0].shape[1]
        outputs = [np.full((len(self.folds), width), np.nan, dtype=np.float32) for _ in range(self.n_folds)]
        for (i, j), (of_i, of_j) in zip(pairs, parts, strict=True):
            outputs[j][self.folds == i], outputs[i][self.folds == j] = of_i, of_j
        return outputs

    def _in_parallel(self, work: Callable[..., Any], tasks: Sequence[tuple[int, ...]]) -> list[Any]:
        return list(Parallel(n_jobs=self.n_jobs)(delayed(work)(self, *task) for task in tasks))


def _outputs_and_agreement(trainer: FoldTrainer, fold: int) -> tuple[Outputs, Mask]:
    learnt, places = np.flatnonzero(trainer.folds != fold), np.flatnonzero(trainer.folds == fold)
    codes = trainer.given.codes[learnt]
    if _is_one_class(codes):
        return _only(codes[0], trainer, len(places)), np.asarray(trainer.given.codes[places] == codes[0])
    model = trainer.fitted(codes, learnt)
    return _outputs(model, trainer, places, codes), _agrees(model, trainer, places)


def _outputs_of_two(trainer: FoldTrainer, i: int, j: int) -> tuple[Outputs, ...]:
    learnt = np.flatnonzero((trainer.folds != i) & (trainer.folds != j))
    codes, places = trainer.given.codes[learnt], [np.flatnonzero(trainer.folds == fold) for fold in (i, j)]
    if _is_one_class(codes):
        return tuple(_only(codes[0], trainer, len(part)) for part in places)
    model = trainer.fitted(codes, learnt)
    return tuple(_outputs(model, trainer, part, codes) for part in places)


def _is_one_class(codes: Labels) -> bool:
    """Most models refuse to train on one class; the prediction is that class."""
    return bool((codes == codes[0]).all())


def _only(code: int, trainer: FoldTrainer, n_rows: int) -> Outputs:
    k = len(trainer.given.classes)
    return np.tile(np.eye(k)[code], (n_rows, 1))


def _agrees(model: Any, trainer: FoldTrainer, places: Rows) -> Mask:
    predicted = np.asarray(model.predict(take(trainer.rows.X, places)))
    return np.asarray(predicted == trainer.given.classes[trainer.given.codes[places]], dtype=np.bool_)


def _outputs(model: Any, trainer: FoldTrainer, places: Rows, codes: Labels) -> Outputs:
    """(m, k) output for all k classes, also those missing from the model's training labels `codes`."""
    X, k = take(trainer.rows.X, places), len(trainer.given.classes)
    if hasattr(model, "predict_proba"):
        predicted, probs = np.asarray(model.predict_proba(X)), np.zeros((len(places), k))
        # Rounding in float32 may exceed 1.
        probs[:, _columns(model, trainer, codes, predicted.shape[1])] = np.clip(predicted, 0, 1)
        return probs
    decisions = np.asarray(model.decision_function(X), dtype=np.float64)
    if decisions.ndim == 1:
        decisions = np.column_stack([-decisions, decisions])
    columns = _columns(model, trainer, codes, decisions.shape[1])
    if decisions.shape[1] != len(columns):
        found = f"{decisions.shape[1]} decision values for {len(columns)} classes"
        fix = "Set decision_function_shape='ovr', or wrap the estimator in CalibratedClassifierCV."
        raise InputError("the estimator", "have one decision value per class", found, fix)
    # A class missing from the training rows gets a value below all others.
    outputs = np.tile(decisions.min(axis=1, keepdims=True) - 1, (1, k))
    outputs[:, columns] = decisions
    return outputs


def _columns(model: Any, trainer: FoldTrainer, codes: Labels, width: int) -> Labels:
    """The class of each output; a model without ``classes_`` has one for each class, or for each that it has seen."""
    if hasattr(model, "classes_"):
        return np.asarray(np.searchsorted(trainer.given.classes, model.classes_))
    return np.arange(width) if width == len(trainer.given.classes) else np.unique(codes)


def decision_probs(decisions: Features, labels: Labels) -> Probs:
    """Probabilities from held-out decision values, calibrated on the given labels (Platt scaling).

    Parameters
    ----------
    decisions : (n, k) float
        By models that have not seen the row; in-sample values are too far from zero.
    labels : (n,) int, 0 … k-1, at least two classes
        Given labels. They may be wrong: the result estimates the probability of the given label.

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


FindErrors = Callable[[Labels, Outputs, Numbers], LabelErrorEstimates]
"""``find_errors(codes, outputs, counts) -> LabelErrorEstimates`` of some rows."""


def held_out_gains(
    trainer: FoldTrainer, treatments: tuple[Treatment, ...], agrees: Mask, counts: Numbers, find_errors: FindErrors
) -> tuple[float, ...]:
    """Rise in accuracy on held-out given labels after each treatment; one float in [-1, 1] per treatment.

    Parameters
    ----------
    trainer : with three folds or more
    treatments : treatments to try
    agrees : (n,) bool
        Whether the untreated model of the other folds predicts each row's given label.
    counts : (n,) float, above 0
        Sample weights.
    find_errors : estimates the label errors of some rows.
    """
    tasks = [
        delayed(_fold_gains)(trainer, treatments, fold, outputs, agrees, counts, find_errors)
        for fold, outputs in enumerate(trainer.out_of_two_folds())
    ]
    gains = np.sum(list(Parallel(n_jobs=trainer.n_jobs)(tasks)), axis=0)
    return tuple(float(gain) for gain in gains / counts.sum())


def _fold_gains(
    trainer: FoldTrainer,
    treatments: tuple[Treatment, ...],
    fold: int,
    outputs: Outputs,
    agrees: Mask,
    counts: Numbers,
    find_errors: FindErrors,
) -> list[float]:
    learnt = np.flatnonzero(trainer.folds != fold)
    codes, held_out = trainer.given.codes[learnt], trainer.folds == fold
    errors = find_errors(codes, outputs[learnt], counts[learnt])
    gains = []
    for treatment in treatments:
        treated = treatment(codes, errors, counts[learnt])
        gain = 0.0
        if treated.changes(codes):
            now = _agreement_after(trainer, fold, treated, learnt)
            gain = float(((now.astype(float) - agrees[held_out]) * counts[held_out]).sum())
        gains.append(gain)
    return gains


def _agreement_after(trainer: FoldTrainer, fold: int, treated: Treated, learnt: Rows) -> Mask:
    """Whether a model trained on the treated rows `learnt` predicts the given label of each row of the fold."""
    kept, held_out = np.flatnonzero(treated.weights), np.flatnonzero(trainer.folds == fold)
    codes, weights = treated.codes[kept], treated.weights[kept]
    if _is_one_class(codes):
        return np.asarray(trainer.given.codes[held_out] == codes[0])
    model = trainer.fitted(codes, learnt[kept], None if (weights == 1).all() else weights)
    return _agrees(model, trainer, held_out)
