"""The models used to find slices: some screen, one examines, one gives a second opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from dechaff.typing import FitPredict, Groups, Labels, Mask, Probs, Rows

Each: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""``each(work, items)``: results in the order of the items, such as ``map``, or threads."""


@dataclass(frozen=True)
class SliceModels:
    """The labels, and the models that predict them.

    ``screens`` are the models whose out-of-fold probabilities show where to look: best such as cannot memorise that
    labels are wrong in one part (blind to where rows come from; linear beside flexible). ``examiner`` gives the model
    that judges a slice from outside, blind to the columns named, since what it would learn of a value that it has never
    seen is arbitrary. ``second_opinion`` is a model of another kind, or None. ``in_sight`` (n, k) are out-of-fold
    probabilities of the best model with every column in sight, trained on all rows: labels that it predicts are no
    random ones. ``folds`` (n,) says which rows are predicted together, ``each`` works through them.
    """

    labels: Labels
    folds: Groups
    n_classes: int
    screens: tuple[FitPredict, ...]
    examiner: Callable[[Sequence[str]], FitPredict]
    in_sight: Probs
    second_opinion: FitPredict | None = None
    each: Each = map


def trained_on(models: SliceModels, learned: Mask, fit_predict: FitPredict) -> Probs:
    """Probabilities of every row from models that saw only ``learned`` rows, and never the row itself.

    Parameters
    ----------
    models : labels (n,) and folds (n,)
    learned : (n,) bool
        Predicted out of fold; the other rows get the mean of the models of all folds.
    fit_predict : the model to train

    Returns
    -------
    (n, k) float
        Rows sum to 1.
    """
    labels, folds = models.labels, models.folds
    probs = np.zeros((len(labels), models.n_classes))
    names = np.unique(folds[learned])
    others = np.flatnonzero(~learned)

    def predict(fold: int) -> tuple[Rows, Probs]:
        fit_rows = np.flatnonzero(learned & (folds != fold))
        held_out = np.flatnonzero(learned & (folds == fold))
        return held_out, fit_predict(fit_rows, labels[fit_rows], np.concatenate([held_out, others]))

    for held_out, predicted in models.each(predict, names):
        probs[held_out] = predicted[: len(held_out)]
        probs[others] += predicted[len(held_out) :] / len(names)
    return probs
